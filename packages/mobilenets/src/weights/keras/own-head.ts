import { WeightsError } from "../../errors.ts";
import { activation } from "../../graph/ops/activation.ts";
import { depthwiseConv2d } from "../../graph/ops/depthwise_conv2d.ts";
import { buildGraph, type NetworkName } from "../../models/networks.ts";
import type { Flavor } from "../../models/options.ts";
import { listNames, show } from "../../show.ts";
import type { Wanted } from "../format.ts";
import { chained, type HeadLayer, withHead } from "../match/headed.ts";
import { type LayerWeights, layersWithWeights } from "../match/layer-weights.ts";
import type { WeightFile } from "../weight-file.ts";
import { arrangements } from "./arrange.ts";
import type { Candidate } from "./model.ts";
import type { Traces } from "./settle-flavor.ts";
import { type LayersByOp, layerOfAttribute, layersByOp, storeOf, tracesOfStore, weightlessOf } from "./store.ts";
import type { WeightTree } from "./weight-tree.ts";

/** The weights of a model without a config that has a custom head on one of our networks. */
export interface OwnHead {
  /** The possible orders of the network's layers. */
  candidates(flavors: readonly Flavor[]): readonly Candidate[];
  /** The other layers with weights, for a known network. */
  rest(base: WeightFile): readonly LayerWeights[];
  /** Evidence of the network's flavour. */
  readonly traces: Traces;
  /** Classes of layers without weights, in the head or elsewhere; empty if the file does not list them. */
  readonly weightless: readonly string[];
  /** Whether the model has a custom class, so that only its code defines how its parts are connected. */
  readonly ownClass?: boolean;
}

/** Layers that do not affect a head's order, or that `withHead` handles. */
const KNOWN =
  /^(input_layer|global_(average|max)_pooling2d|dropout|flatten|reshape|re_lu|activation|softmax|rescaling|true_divide|divide|subtract|add|multiply|tf_op_lambda|zero_padding2d|identity|spatial_dropout2d|gaussian_(noise|dropout)|pipeline|rand_augment|random_.*)$/;

/** The head in a store of Keras 3: the network is a nested model, or the first layers of each class. */
export async function ownHeadOfStore(store: WeightTree, where: string): Promise<OwnHead | undefined> {
  const models = modelsIn(store);
  if (models.length > 1) return undefined;
  const inner = models[0] && networkIn(models[0]);
  if (inner) {
    const base = await layersByOp(inner, where);
    const outer = await layersByOp(store, where, true);
    return {
      candidates: (flavors) => arrangements(base, flavors),
      rest: () => [...outer.values()].flat(),
      traces: tracesOfStore(inner),
      weightless: weightlessOf(store),
    };
  }
  const layers = await layersByOp(store, where);
  if (!layers.has(depthwiseConv2d.name)) return undefined;
  return {
    candidates: (flavors) => arrangements(layers, flavors, true),
    rest: (base) => beyond(layers, base),
    traces: tracesOfStore(store),
    weightless: weightlessOf(store),
  };
}

/** Groups of a file that are not layers under attributes of a custom class. */
const BESIDE = ["layers", "_layer_checkpoint_dependencies", "vars", "optimizer", "metrics"];

/**
 * The head in a model of a custom class: the network is in one attribute, the head in others, as layers or models. Keras
 * lists attributes whose names come after `layers` as the layers of a model. Undefined if all are there.
 */
export async function ownHeadOfAttributes(root: WeightTree, where: string): Promise<OwnHead | undefined> {
  const rest: LayerWeights[] = [];
  const weightless: string[] = [];
  const networks: WeightTree[] = [];
  /** Reads a nested model: the network, or a part of the head, which may contain the network. */
  const take = async (store: WeightTree) => {
    if (store.get(depthwiseConv2d.name)) {
      networks.push(store);
      return;
    }
    for (const name of store.names) {
      const inner = storeOf(store.get(name) as WeightTree);
      if (inner) await take(inner);
    }
    rest.push(...[...(await layersByOp(store, where, true)).values()].flat());
    weightless.push(...weightlessOf(store));
  };
  const attributes = root.names.filter((name) => !BESIDE.includes(name));
  for (const name of attributes) {
    const group = root.get(name) as WeightTree;
    const store = storeOf(group);
    if (store) await take(store);
    else rest.push(...[await layerOfAttribute(group, name, where)].flatMap((layer) => layer ?? []));
  }
  if (rest.length === 0 && networks.length === 0) return undefined;
  const listed = storeOf(root);
  if (listed) await take(listed);
  const [inner, ...others] = networks;
  if (!inner || others.length > 0) return undefined;
  const base = await layersByOp(inner, where);
  return {
    candidates: (flavors) => arrangements(base, flavors),
    rest: () => rest,
    traces: tracesOfStore(inner),
    weightless,
    ownClass: true,
  };
}

/** The head in a list of layers in data order: the network ends with its last convolution and that one's norm. */
export function ownHeadOfList(layers: readonly LayerWeights[], traces: Traces): OwnHead | undefined {
  const last = layers.findLastIndex(({ tensors }) => Object.values(tensors).some(({ shape }) => shape.length === 4));
  const end = last + (layers[last + 1]?.kind === "norm" ? 2 : 1);
  if (last < 0 || end >= layers.length) return undefined;
  return {
    candidates: (flavors) => [{ layers: layers.slice(0, end), flavors }],
    rest: () => layers.slice(end),
    traces,
    weightless: [],
  };
}

/**
 * Builds the model of a network and its head.
 * @param base the network's part of the file, without a classifier
 * @throws WeightsError if the order of the head's layers is unknown, or other layers are among them
 */
export function modelWithHead(own: OwnHead, base: WeightFile, wanted: Wanted, where: string): WeightFile {
  if (wanted.options?.includeTop === false) return base;
  const rest = own.rest(base);
  const code = "the model is of a custom class, whose code is not in the file: its layers are applied in order";
  const said = own.ownClass ? [code] : [];
  if (rest.length === 0 && own.ownClass) return { ...base, notes: [...(base.notes ?? []), ...said] };
  const strange = own.weightless.filter((name) => !KNOWN.test(name));
  const head = rest.map((layer): HeadLayer => headLayer(layer, where));
  const first = head.find(({ type }) => type === "dense");
  const ordered = first && chained(head, [featuresOf(base), first.tensors.kernel.shape[0]]);
  if (!ordered || strange.length > 0) {
    throw new WeightsError({
      where,
      found: ordered
        ? `layers ${listNames(strange)} around a ${base.network}, which a weights-only file does not describe`
        : `a ${base.network} with layers ${listNames(head.map(({ name }) => show(name)))} that do not fit together in any order`,
      expected: "a head of dense layers and norms",
      hint: "save the model whole, as .keras; or load its features with includeTop: false",
    });
  }
  const network = base.network as NetworkName;
  const ours = buildGraph(network, base.options).nodes.filter(({ op }) => op === activation.name).length;
  const bends = own.weightless.filter((name) => name === "re_lu" || name === "activation").length;
  const nested = !own.weightless.includes("zero_padding2d") && bends < ours;
  return withHead({ ...base, notes: [...(base.notes ?? []), ...said] }, ordered, where, {
    pooling: own.weightless.includes("global_max_pooling2d") ? "max" : "avg",
    epsilon: { batch: 1e-3, layer: 1e-3 },
    momentum: 0.99,
    hidden: "relu",
    normFirst: nested ? bends > 0 : bends > ours,
    wanted: wanted.options,
    unknown: `a weights-only file does not say what its head of ${rest.length} layers does (a whole model saved as .keras does)`,
  });
}

function featuresOf({ network, options }: WeightFile): number {
  const { nodes, outputs } = buildGraph(network as NetworkName, { ...options, includeTop: false, pooling: "avg" });
  return nodes.find(({ name }) => name === outputs[0])?.shape.at(-1) as number;
}

function headLayer({ name, tensors }: LayerWeights, where: string): HeadLayer {
  if (tensors.moving_mean && tensors.gamma) return { name, type: "batch_norm", tensors };
  if (tensors.gamma && tensors.beta) return { name, type: "layer_norm", tensors };
  if (tensors.kernel?.shape.length === 2) return { name, type: "dense", tensors };
  throw new WeightsError({
    where: `${where}: ${name}`,
    found: `a layer of ${listNames(Object.keys(tensors))} around a network`,
    expected: "a head of dense layers and norms",
    hint: "a weights-only file does not describe such a model: save the whole model as .keras",
  });
}

/** The layers of each class beyond the network's. */
function beyond(layers: LayersByOp, { network, options }: WeightFile): readonly LayerWeights[] {
  const taken = new Map<string, number>();
  for (const { op } of layersWithWeights(buildGraph(network as NetworkName, options))) {
    taken.set(op, (taken.get(op) ?? 0) + 1);
  }
  return [...layers].flatMap(([op, list]) => list.slice(taken.get(op) ?? 0));
}

const modelsIn = (store: WeightTree) =>
  store.names.flatMap((name) => {
    const inner = storeOf(store.get(name) as WeightTree);
    return inner && networkIn(inner) ? [inner] : [];
  });

/** The store with the network's layers: this one, or a nested model's. */
function networkIn(store: WeightTree, depth = 0): WeightTree | undefined {
  if (store.get(depthwiseConv2d.name)) return store;
  if (depth > 8) return undefined;
  for (const name of store.names) {
    const inner = storeOf(store.get(name) as WeightTree);
    const found = inner && networkIn(inner, depth + 1);
    if (found) return found;
  }
  return undefined;
}
