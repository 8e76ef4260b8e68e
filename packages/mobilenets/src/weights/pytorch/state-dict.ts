import { deferred } from "../../deferred.ts";
import { MobileNetsError, WeightsError } from "../../errors.ts";
import { torchvisionFit } from "../../image/pipelines.ts";
import { acceptsOf, defaultFlavor, type NetworkName } from "../../models/networks.ts";
import { listNames, show } from "../../show.ts";
import type { Shape, Tensor, TensorData } from "../../tensor.ts";
import type { Wanted } from "../format.ts";
import { identify } from "../match/identify.ts";
import type { LayerWeights } from "../match/layer-weights.ts";
import type { Metadata } from "../metadata.ts";
import { huggingFaceFlavor } from "../names/huggingface.ts";
import { fromTorch } from "../names/torch-layout.ts";
import type { TorchModule } from "../names/torch-module.ts";
import type { WeightFile } from "../weight-file.ts";
import type { HuggingFaceConfig } from "./huggingface-config.ts";
import { huggingFace, type Naming, namingOf, timm } from "./namings.ts";
import { stateWithHead } from "./own-head.ts";
import { type Parts, withoutPrefix } from "./prefix.ts";
import { inItsForm } from "./relu-form.ts";
import { headedStructure, type Structure, structureOf, unknownNames } from "./structure.ts";
import type { TimmConfig } from "./timm-config.ts";
import { portedBy, portNote } from "./timm-port.ts";
import { timmVariant } from "./timm-variant.ts";

/** Counters of a norm's, or an averaged model's, updates, which are not needed. */
const COUNTER = /(\.num_batches_tracked|^n_averaged)$/;

/** A model's parameters and buffers, with PyTorch's names and layouts. */
export type StateDict = ReadonlyMap<string, StateTensor>;

export interface StateTensor {
  readonly shape: Shape;
  /** Whether its numbers are stored in fewer bits than those of `open`. */
  readonly widens: boolean;
  /**
   * Returns a function that makes row-major numbers at every call. Only the tensors of a network are opened, so that the
   * rest of a file costs nothing.
   */
  open(): () => TensorData;
}

export interface StateDictHints {
  /** A timm model's `config.json`. */
  readonly config?: TimmConfig;
  /** The files beside a transformers model. */
  readonly huggingFace?: HuggingFaceConfig;
  /** The model's name in a training script: timm's is `tf_...` for its ports of Google's networks. */
  readonly arch?: string;
  /** Metadata of our own writer. */
  readonly metadata?: Metadata;
  /** The caller's knowledge of the file. */
  readonly wanted?: Wanted;
}

/**
 * Finds the network of a state dict by its names and shapes.
 *
 * A state dict is ambiguous: timm's names fit both its own models (our flavour timm) and its ports of Google's (`tf_...`,
 * the network's default flavour). Unless the caller names a flavour, it counts as a port if `config.json` says so, if the
 * path has `tf_mobilenet` or `tf_efficientnet`, or if only a port has such layers (`minimal`). Without such evidence, a
 * note names the assumption. Input size and normalisation are the network's unless `config.json` gives them.
 *
 * @throws WeightsError if names or shapes do not fit any of these networks
 */
export function readStateDict(state: StateDict, where: string, hints: StateDictHints = {}): WeightFile {
  const { own, outside, notes } = withoutPrefix(state, hints.wanted?.stateDict);
  const parameters = uncounted(own);
  const names = [...parameters.keys()];
  const naming = names.map(namingOf).find((found) => found !== undefined);
  if (!naming) throw unknownNames(names, where);
  const file = ofNaming(naming, { own: parameters, outside: uncounted(outside), notes }, where, hints);
  return notes.length > 0 ? { ...file, notes: [...notes, ...(file.notes ?? [])] } : file;
}

const uncounted = (state: StateDict): StateDict => new Map([...state].filter(([name]) => !COUNTER.test(name)));

function ofNaming(naming: Naming, parts: Parts, where: string, hints: StateDictHints): WeightFile {
  const names = [...parts.own.keys()];
  let structure: Structure;
  try {
    structure = structureOf(naming, names, where);
  } catch (error) {
    const get = reader(parts.own, where);
    const has = (name: string) => (parts.own.has(name) ? get(name) : undefined);
    const variant =
      naming === timm && MobileNetsError.is(error)
        ? orUndefined(() => timmVariant(names, has, where, hints))
        : undefined;
    if (!variant) throw error;
    return leftOut(variant, parts.outside);
  }
  try {
    return ofStructure(naming, structure, parts, where, hints);
  } catch (error) {
    // A head with the names of the network's own, but other sizes.
    const other = structure.headless ? undefined : headedStructure(naming, structure, names);
    if (!other || !MobileNetsError.is(error)) throw error;
    try {
      return ofStructure(naming, other, parts, where, hints);
    } catch {
      throw error;
    }
  }
}

function ofStructure(
  naming: Naming,
  structure: Structure,
  { own, outside }: Parts,
  where: string,
  hints: StateDictHints,
): WeightFile {
  const { network, minimalistic, alphas, modules, surplus, headless } = structure;
  const layers = modules.map((module) => readLayer(module, own, where));
  const file = networkOf({ naming, network, minimalistic, alphas, layers }, where, hints);
  const wanted = hints.wanted ?? {};
  const beside = [...outside.keys()];
  if (beside.some((name) => DILATED.test(name))) throw dilated(where);
  if (surplus.length > 0)
    return leftOut(stateWithHead(file, surplus, naming.modules, reader(own, where), wanted, where), outside);
  if (beside.length === 0 || wanted.options?.includeTop === false) return file;
  if (!isHead(outside)) return leftOut(file, outside);
  if (headless) return stateWithHead(file, beside, naming.modules, reader(outside, where), wanted, where);
  // Layers that may follow the network's classifier.
  const bare = headedStructure(naming, structure, [...own.keys()]);
  const features = networkOf(
    { naming, network, minimalistic, alphas, layers: bare.modules.map((module) => readLayer(module, own, where)) },
    where,
    hints,
  );
  const both = reader(new Map([...own, ...outside]), where);
  const longer = orUndefined(() =>
    stateWithHead(features, [...bare.surplus, ...beside], naming.modules, both, wanted, where),
  );
  return longer ?? leftOut(file, outside);
}

/** Heads of torchvision's LR-ASPP and DeepLabV3, whose networks have dilated last blocks. */
const DILATED = /(^|\.)classifier\.(cbr|low_classifier|0\.convs)\./;

function dilated(where: string): WeightsError {
  return new WeightsError({
    where,
    found: "a network for segmentation, whose last blocks are dilated",
    expected: "one for classification",
  });
}

/** Adds a note on other tensors of a checkpoint. */
function leftOut(file: WeightFile, outside: StateDict): WeightFile {
  if (outside.size === 0) return file;
  const names = listNames([...outside.keys()].map(show));
  const which = outside.size === 1 ? "a tensor" : `${outside.size} tensors`;
  const note = `${which} beside the network ${outside.size === 1 ? "is" : "are"} left out: ${names}`;
  return { ...file, notes: [...(file.notes ?? []), note] };
}

/** Returns undefined instead of an error: if no variant fits either, the nearest network's error is thrown. */
function orUndefined<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (MobileNetsError.is(error)) return undefined;
    throw error;
  }
}

/** Whether only a few vectors and matrices, which may be a head, are beside a network. */
function isHead(state: StateDict): boolean {
  return state.size <= 24 && [...state.values()].every(({ shape }) => shape.length <= 2) && state.size >= 1;
}

/** Returns a function that reads a parameter of the head. */
function reader(state: StateDict, where: string): (name: string) => Tensor {
  return (name) => {
    return floatsOf(state.get(name) as StateTensor, `${where}: ${name}`);
  };
}

interface Read {
  readonly naming: Naming;
  readonly network: NetworkName;
  readonly minimalistic?: boolean;
  readonly alphas?: readonly number[];
  readonly layers: readonly LayerWeights[];
}

function networkOf(read: Read, where: string, hints: StateDictHints): WeightFile {
  const { naming, network, minimalistic, alphas, layers } = read;
  const { metadata, config, wanted } = hints;
  if (metadata?.network === network) {
    const flavors = [metadata.options?.flavor ?? defaultFlavor(network)] as const;
    const identified = identify(layers, { networks: [network], flavors, options: metadata.options }, where);
    return { ...identified, ...metadata, options: identified.options };
  }
  const ofNetwork = config?.network === network ? config : undefined;
  const ported = ofNetwork?.tensorflow ?? portedBy(hints, where);
  const told = naming === timm && ported !== undefined ? (ported ? defaultFlavor(network) : "timm") : undefined;
  const flavor = wanted?.options?.flavor ?? told;
  const flavors = flavor === undefined ? naming.flavors(network) : [flavor];
  const options = minimalistic ? { minimalistic } : {};
  const identified = identify(layers, { networks: [network], flavors, options, alphas }, where);
  if (naming === huggingFace) return asInTransformers(identified, hints);
  const file = complete(identified, ofNetwork);
  const reluForm = flavor === undefined ? naming.reluForms?.[network] : undefined;
  if (reluForm) return inItsForm(file, reluForm, where);
  const guessed = naming === timm && flavor === undefined && !ofNetwork && file.options?.flavor === "timm";
  return { ...file, ...(guessed && portNote(network)) };
}

/** The file in the flavour that computes the same as transformers at its picture size. */
function asInTransformers(file: WeightFile, { wanted, huggingFace }: StateDictHints): WeightFile {
  const [, , channels] = file.options?.inputShape ?? [224, 224, 3];
  const size = huggingFace?.size ?? [224, 224];
  const inputShape = [...size, channels] as const;
  const [height, width] = wanted?.options?.inputShape ?? inputShape;
  const flavor = wanted?.options?.flavor ?? huggingFaceFlavor(file.network as NetworkName, height, width);
  return {
    ...file,
    options: { ...file.options, inputShape, flavor },
    preprocessing: { ...torchvisionFit, ...huggingFace?.preprocessing },
    labels: huggingFace?.labels?.length === file.options?.classes ? huggingFace?.labels : undefined,
  };
}

function readLayer({ path, kind, weights }: TorchModule, state: StateDict, where: string): LayerWeights {
  const tensors = weights.map(([ours, theirs]): [string, Tensor] => {
    const name = `${path}.${theirs}`;
    const place = `${where}: ${name}`;
    return [ours, fromTorch(kind, ours, floatsOf(state.get(name) as StateTensor, place), place)];
  });
  return { name: path, kind, tensors: Object.fromEntries(tensors) };
}

/** A tensor as float32; one of 16-bit floats stays as stored until its numbers are used. */
function floatsOf(tensor: StateTensor, where: string): Tensor {
  const { shape, widens } = tensor;
  const read = tensor.open();
  return widens ? deferred(shape, () => float32(read(), where)) : { shape, data: float32(read(), where) };
}

/** Converts to float32, as `load_state_dict` does: models may be trained and stored in other precisions. */
function float32(data: TensorData, where: string): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Float64Array) return Float32Array.from(data);
  const dtype = data[Symbol.toStringTag].replace("Array", "").toLowerCase();
  const hint = "is the model quantised? Save the state dict of the float model that it was made from";
  throw new WeightsError({ where, found: `dtype ${dtype}`, expected: "a floating-point dtype", hint });
}

/** Adds options and preprocessing that a state dict lacks. */
function complete(file: WeightFile, config: TimmConfig | undefined): WeightFile {
  const { network, options = {} } = file;
  const { flavor, inputShape: [, , channels] = [224, 224, 3] } = options;
  // The ports take input from -1 to 1; Keras' V3 begins with a layer that rescales.
  const outside = network && flavor && acceptsOf(network, flavor).includePreprocessing;
  const fed = outside ? { ...options, includePreprocessing: false } : options;
  if (config?.preprocessing.channels === channels) {
    const { preprocessing, labels } = config;
    const inputShape = [preprocessing.height, preprocessing.width, channels] as const;
    return { ...file, options: { ...fed, inputShape }, preprocessing, labels };
  }
  return { ...file, options: fed };
}
