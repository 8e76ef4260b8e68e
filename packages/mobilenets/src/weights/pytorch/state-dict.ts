import { MobileNetsError, WeightsError } from "../../errors.ts";
import type { Graph } from "../../graph/graph.ts";
import { torchvisionFit } from "../../image/pipelines.ts";
import {
  acceptsOf,
  buildGraph,
  defaultFlavor,
  type NetworkName,
  networkNames,
  variantsOf,
} from "../../models/networks.ts";
import type { Flavor, ModelOptions } from "../../models/options.ts";
import { listNames, show } from "../../show.ts";
import type { Shape, Tensor, TensorData } from "../../tensor.ts";
import type { Wanted } from "../format.ts";
import { identify } from "../match/identify.ts";
import type { LayerWeights } from "../match/layer-weights.ts";
import type { Metadata } from "../metadata.ts";
import { efficientNetPytorchModules } from "../names/efficientnet-pytorch.ts";
import { huggingFaceModules } from "../names/huggingface.ts";
import { timmModules } from "../names/timm.ts";
import { fromTorch } from "../names/torch-layout.ts";
import type { TorchModule } from "../names/torch-module.ts";
import { torchvisionModules } from "../names/torchvision.ts";
import type { WeightFile } from "../weight-file.ts";
import type { HuggingFaceConfig } from "./huggingface-config.ts";
import { stateWithHead } from "./own-head.ts";
import { isPorted } from "./timm-call.ts";
import type { TimmConfig } from "./timm-config.ts";
import { timmVariant } from "./timm-variant.ts";

/** A model's parameters and buffers by PyTorch's names, in PyTorch's layouts. */
export type StateDict = ReadonlyMap<string, StateTensor>;

export interface StateTensor {
  readonly shape: Shape;
  /** Row-major. Only the tensors of a network are read, so that what else a file holds costs nothing. */
  read(): TensorData;
}

export interface StateDictHints {
  /** What a timm model's `config.json` says. */
  readonly config?: TimmConfig;
  /** What lies beside a model of transformers. */
  readonly huggingFace?: HuggingFaceConfig;
  /** What our own writer put into the file. */
  readonly metadata?: Metadata;
  /** What the caller knows. */
  readonly wanted?: Wanted;
}

interface Naming {
  readonly library: "torchvision" | "timm" | "efficientnet_pytorch" | "transformers";
  /** Parameters that only this library's state dicts have. */
  readonly marks: readonly string[];
  readonly networks: readonly NetworkName[];
  /** Flavours of networks with these names, the likeliest first. */
  flavors(network: NetworkName): readonly Flavor[];
  /** Options whose graphs have all the names there are. */
  sketches(network: NetworkName): readonly ModelOptions[];
  modules(graph: Graph): TorchModule[];
}

const torchvision: Naming = {
  library: "torchvision",
  marks: ["features.0.0.weight"],
  networks: ["mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"],
  flavors: () => ["torchvision"],
  // At a tenth of the width, V3's second block has no expansion.
  sketches: () => [{ flavor: "torchvision" }, { flavor: "torchvision", alpha: 0.1 }],
  modules: torchvisionModules,
};

const timm: Naming = {
  library: "timm",
  marks: ["conv_stem.weight"],
  networks: networkNames,
  flavors: (network) => ["timm", defaultFlavor(network)],
  sketches: (network) => variantsOf(network, defaultFlavor(network)),
  modules: timmModules,
};

const efficientNetPytorch: Naming = {
  library: "efficientnet_pytorch",
  marks: ["_conv_stem.weight"],
  networks: ["efficientnet_lite0"],
  flavors: () => ["tensorflow"],
  sketches: () => [{}],
  modules: efficientNetPytorchModules,
};

const huggingFace: Naming = {
  library: "transformers",
  marks: ["conv_stem.convolution.weight", "conv_stem.first_conv.convolution.weight"],
  networks: ["mobilenet_v1", "mobilenet_v2"],
  flavors: () => ["keras"],
  sketches: () => [{}],
  modules: huggingFaceModules,
};

const namings: readonly Naming[] = [torchvision, timm, efficientNetPytorch, huggingFace];

/**
 * Names of attributes that a model is kept in, before all of its own: by DataParallel, torch.compile, Lightning, and
 * scripts' own classes.
 */
const PREFIX = /^(?:(?:module|_orig_mod|model|net|network|backbone|encoder|base_model|feature_extractor)\.)+/;
/** How often a norm, or an average of models, has been updated: of no use without training, and next to none with it. */
const COUNTER = /(\.num_batches_tracked|^n_averaged)$/;

function namingOf(name: string): Naming | undefined {
  return namings.find(({ marks }) => marks.includes(name));
}

/**
 * Finds the network of a state dict by its names and shapes.
 *
 * A state dict does not say everything. timm's names fit both its own models (our flavour timm) and its ports of
 * Google's (`tf_...`, the network's default flavour). Unless the caller names a flavour, they are taken for ports if
 * `config.json` says so, if `tf_mobilenet` or `tf_efficientnet` stands in the path, or if only a port has such layers
 * (`minimal`); where all of
 * that is silent, a note says what was assumed. Input size and normalisation are the network's unless `config.json` gives
 * them.
 *
 * @throws WeightsError if names or shapes are none of these networks'
 */
export function readStateDict(state: StateDict, where: string, hints: StateDictHints = {}): WeightFile {
  const { own: bare, outside } = withoutPrefix(state);
  const parameters = new Map([...bare].filter(([name]) => !COUNTER.test(name)));
  const naming = [...parameters.keys()].map(namingOf).find((found) => found !== undefined);
  if (!naming) throw unknownNames([...parameters.keys()], where);

  const names = [...parameters.keys()];
  let structure: Structure;
  try {
    structure = structureOf(naming, names, where);
  } catch (error) {
    const get = reader(parameters, where);
    const has = (name: string) => (parameters.has(name) ? get(name) : undefined);
    const variant =
      naming === timm && MobileNetsError.is(error)
        ? orUndefined(() => timmVariant(names, has, where, hints))
        : undefined;
    if (!variant) throw error;
    return variant;
  }
  try {
    return ofStructure(naming, structure, parameters, outside, where, hints);
  } catch (error) {
    // A head of the names of the network's own, and of other sizes.
    const other = structure.headless ? undefined : headedStructure(naming, structure, names);
    if (!other || !MobileNetsError.is(error)) throw error;
    try {
      return ofStructure(naming, other, parameters, outside, where, hints);
    } catch {
      throw error;
    }
  }
}

function ofStructure(
  naming: Naming,
  { network, minimalistic, modules, surplus, headless }: Structure,
  parameters: StateDict,
  outside: StateDict,
  where: string,
  hints: StateDictHints,
): WeightFile {
  const layers = modules.map((module) => readLayer(module, parameters, where));
  const others = new Map([...outside].filter(([name]) => !COUNTER.test(name)));
  const file = networkOf({ naming, network, minimalistic, layers }, where, hints);
  if (surplus.length > 0) return stateWithHead(file, surplus, reader(parameters, where), hints.wanted ?? {}, where);
  if (!headless || others.size === 0 || !isHead(others)) return file;
  return stateWithHead(file, [...others.keys()], reader(others, where), hints.wanted ?? {}, where);
}

/** What is no variant either is said of the nearest network. */
function orUndefined<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (MobileNetsError.is(error)) return undefined;
    throw error;
  }
}

/** The same network without its classifier, whose parameters then are a head's. */
function headedStructure(naming: Naming, { network, minimalistic }: Structure, names: readonly string[]): Structure {
  const sketch = naming.sketches(network).find((one) => one.minimalistic === minimalistic) ?? {};
  const modules = naming.modules(buildGraph(network, { ...sketch, includeTop: false }));
  const expected = new Set(modules.flatMap(({ path, weights }) => weights.map(([, theirs]) => `${path}.${theirs}`)));
  return { network, minimalistic, modules, surplus: names.filter((name) => !expected.has(name)), headless: true };
}

/** Whether a few vectors and matrices are all that stands beside a network: what a head consists of. */
function isHead(state: StateDict): boolean {
  return state.size <= 24 && [...state.values()].every(({ shape }) => shape.length <= 2) && state.size >= 1;
}

/** Reads a parameter of the head. */
function reader(state: StateDict, where: string): (name: string) => Tensor {
  return (name) => {
    const tensor = state.get(name) as StateTensor;
    return { shape: tensor.shape, data: float32(tensor.read(), `${where}: ${name}`) };
  };
}

interface Read {
  readonly naming: Naming;
  readonly network: NetworkName;
  readonly minimalistic?: boolean;
  readonly layers: readonly LayerWeights[];
}

function networkOf({ naming, network, minimalistic, layers }: Read, where: string, hints: StateDictHints): WeightFile {
  const { metadata, config, wanted } = hints;
  if (metadata?.network === network) {
    const flavors = [metadata.options?.flavor ?? defaultFlavor(network)] as const;
    const identified = identify(layers, { networks: [network], flavors, options: metadata.options }, where);
    return { ...identified, ...metadata, options: identified.options };
  }
  const ofNetwork = config?.network === network ? config : undefined;
  const ported = ofNetwork?.tensorflow ?? /tf_(mobilenet|efficientnet)/.test(where);
  const flavor = wanted?.options?.flavor ?? (ported ? defaultFlavor(network) : undefined);
  const flavors = flavor === undefined ? naming.flavors(network) : [flavor];
  const options = minimalistic ? { minimalistic } : {};
  const identified = identify(layers, { networks: [network], flavors, options }, where);
  if (naming === huggingFace) return asInTransformers(identified, hints);
  const file = complete(identified, ofNetwork);
  const guessed =
    naming === timm && isPorted(network) && flavor === undefined && !ofNetwork && file.options?.flavor === "timm";
  return guessed ? { ...file, notes: [portNote(network)] } : file;
}

/**
 * transformers pads as TensorFlow does at every size. Keras' V1 does so at sizes that are even all the way down only, the
 * article's at all of them.
 */
function asInTransformers(file: WeightFile, { wanted, huggingFace }: StateDictHints): WeightFile {
  const [, , channels] = file.options?.inputShape ?? [224, 224, 3];
  const size = huggingFace?.size ?? [224, 224];
  const inputShape = [...size, channels] as const;
  const [height, width] = wanted?.options?.inputShape ?? inputShape;
  const odd = file.network === "mobilenet_v1" && (height % 32 !== 0 || width % 32 !== 0);
  const flavor = wanted?.options?.flavor ?? (odd ? "article" : "keras");
  return {
    ...file,
    options: { ...file.options, inputShape, flavor },
    preprocessing: { ...torchvisionFit, ...huggingFace?.preprocessing },
    labels: huggingFace?.labels?.length === file.options?.classes ? huggingFace?.labels : undefined,
  };
}

/** timm's own models and its ports of Google's have equal names and shapes. */
function portNote(network: NetworkName): string {
  return (
    `flavor timm is assumed for ${network}: the file does not say whether it is timm's own model or its port of ` +
    `Google's (tf_...), which pads in another way; for a port, name the network and flavor ${defaultFlavor(network)}`
  );
}

interface Parts {
  /** The network's parameters by its own names. */
  readonly own: StateDict;
  /** What a checkpoint has beside a network that is kept in an attribute. */
  readonly outside: StateDict;
}

function withoutPrefix(state: StateDict): Parts {
  const names = [...state.keys()];
  const found = names.flatMap((name) => {
    const bare = name.replace(/^.*?(?=(?:features\.0\.0|_?conv_stem(?:\.(?:first_conv\.)?convolution)?)\.weight$)/, "");
    return namingOf(bare) ? [name.slice(0, name.length - bare.length)] : [];
  });
  // Attributes of usual names go first, in checkpoints of several networks.
  const prefix = found.find((one) => one === one.match(PREFIX)?.[0]) ?? found[0];
  if (prefix !== undefined) {
    const torchvisions = state.has(`${prefix}features.0.0.weight`);
    const transformers = /(^|\.)mobilenet_v[12]\.$/.test(prefix);
    const parts = split(state, prefix, torchvisions ? headName : (name) => name);
    // There the classifier is beside the network.
    const outer = prefix.replace(/mobilenet_v[12]\.$/, "");
    if (!transformers) return parts;
    const head = split(parts.outside, outer, (name) => name);
    return { own: new Map([...parts.own, ...head.own]), outside: new Map() };
  }
  // `model.features.state_dict()` of torchvision's, perhaps in an attribute, or first in a Sequential.
  const stem = names.find((name) => /(^|\.)0\.0\.weight$/.test(name) && state.get(name)?.shape.length === 4);
  const start = stem?.slice(0, -"0.0.weight".length);
  if (start === undefined || !state.has(`${start}0.1.running_mean`)) return { own: state, outside: new Map() };
  return split(state, start, (name) => `features.${name}`);
}

function split(state: StateDict, prefix: string, own: (name: string) => string): Parts {
  const inside = [...state].filter(([name]) => name.startsWith(prefix));
  return {
    own: new Map(inside.map(([name, tensor]) => [own(name.slice(prefix.length)), tensor])),
    outside: new Map([...state].filter(([name]) => !name.startsWith(prefix))),
  };
}

/** torchvision's V2 with `classifier = Linear(1280, n)`, without the Sequential around it. */
function headName(name: string): string {
  return name.replace(/^classifier\.(weight|bias)$/, "classifier.1.$1");
}

interface Structure {
  readonly network: NetworkName;
  readonly minimalistic?: boolean;
  readonly modules: readonly TorchModule[];
  /** Parameters besides the network's without its classifier: a head's. */
  readonly surplus: readonly string[];
  /** It has no classifier. */
  readonly headless: boolean;
}

/** Where networks keep their blocks: what is there and not known is no head. */
const BLOCKS = /^(features|_?blocks|layer|_?conv_stem|_?bn\d)\b/;

/** The network that has parameters of exactly these names, with or without its classifier. */
function structureOf(naming: Naming, names: readonly string[], where: string): Structure {
  const present = new Set(names);
  let headed: Structure | undefined;
  let best: { network: NetworkName; missing: string[]; surplus: string[] } | undefined;
  for (const network of naming.networks) {
    for (const sketch of naming.sketches(network)) {
      for (const includeTop of [true, false]) {
        const modules = naming.modules(buildGraph(network, { ...sketch, includeTop }));
        const expected = modules.flatMap(({ path, weights }) => weights.map(([, theirs]) => `${path}.${theirs}`));
        const wanted = new Set(expected);
        const missing = expected.filter((name) => !present.has(name));
        const surplus = names.filter((name) => !wanted.has(name));
        const wrong = missing.length + surplus.length;
        const { minimalistic } = sketch;
        if (wrong === 0) return { network, minimalistic, modules, surplus, headless: !includeTop };
        const spare = !includeTop && missing.length === 0 && !surplus.some((name) => BLOCKS.test(name));
        if (spare && surplus.length < (headed?.surplus.length ?? Infinity)) {
          headed = { network, minimalistic, modules, surplus, headless: true };
        }
        if (!best || wrong < best.missing.length + best.surplus.length) best = { network, missing, surplus };
      }
    }
  }
  if (headed) return headed;
  const { network, missing, surplus } = best as NonNullable<typeof best>;
  const lacks = missing.length > 0 ? [`lacks ${listNames(missing)}`] : [];
  const adds = surplus.length > 0 ? [`has ${listNames(surplus.map(show))} besides`] : [];
  const but = [...lacks, ...adds].join(", and ");
  throw new WeightsError({
    where,
    found: `a state dict much like ${naming.library}'s ${network}, but it ${but}`,
    expected: `the parameters of ${naming.networks.join(", ")}`,
    hint: structureHint(naming, missing),
  });
}

function structureHint(naming: Naming, missing: readonly string[]): string {
  if (missing.length > 0 && missing.every((name) => name.startsWith("classifier."))) {
    return naming === timm ? "was it saved with num_classes=0?" : "was its classifier replaced?";
  }
  return naming === timm
    ? "timm's variants of other depth or head (110d, 120d, 150d, 100h, rw; efficientnet_lite1 to 4) are other networks"
    : "is it a variant of its own?";
}

function readLayer({ path, kind, weights }: TorchModule, state: StateDict, where: string): LayerWeights {
  const tensors = weights.map(([ours, theirs]): [string, Tensor] => {
    const name = `${path}.${theirs}`;
    const tensor = state.get(name) as StateTensor;
    const place = `${where}: ${name}`;
    return [ours, fromTorch(kind, ours, { data: float32(tensor.read(), place), shape: tensor.shape }, place)];
  });
  return { name: path, kind, tensors: Object.fromEntries(tensors) };
}

/** As `load_state_dict` does it: models are kept and trained in other precisions. */
function float32(data: TensorData, where: string): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Float64Array) return Float32Array.from(data);
  const dtype = data[Symbol.toStringTag].replace("Array", "").toLowerCase();
  throw new WeightsError({ where, found: `dtype ${dtype}`, expected: "a floating-point dtype" });
}

/** Fills in what a state dict does not say. */
function complete(file: WeightFile, config: TimmConfig | undefined): WeightFile {
  const { network, options = {} } = file;
  const { flavor, inputShape: [, , channels] = [224, 224, 3] } = options;
  // The ports are fed -1 to 1 from outside, where Keras' V3 begins with a layer that does it.
  const outside = network && flavor && acceptsOf(network, flavor).includePreprocessing;
  const fed = outside ? { ...options, includePreprocessing: false } : options;
  if (config?.preprocessing.channels === channels) {
    const { preprocessing, labels } = config;
    const inputShape = [preprocessing.height, preprocessing.width, channels] as const;
    return { ...file, options: { ...fed, inputShape }, preprocessing, labels };
  }
  return { ...file, options: fed };
}

function unknownNames(names: readonly string[], where: string): WeightsError {
  return new WeightsError({
    where,
    found: names.length === 0 ? "no tensors" : `tensors by the names ${listNames(names.map(show))}`,
    expected: `those of a MobileNet of ${namings.map(({ library, marks }) => `${library}'s (${marks.join(", ")})`).join(" or ")}`,
    hint: "is it another network, or part of a larger one?",
  });
}
