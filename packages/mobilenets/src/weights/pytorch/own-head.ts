import { reshaped } from "../../deferred.ts";
import { WeightsError } from "../../errors.ts";
import type { Activation } from "../../graph/activations.ts";
import { activation } from "../../graph/ops/activation.ts";
import { is } from "../../graph/ops.ts";
import { buildGraph, type NetworkName } from "../../models/networks.ts";
import { listNames, show } from "../../show.ts";
import type { Tensor } from "../../tensor.ts";
import type { Wanted } from "../format.ts";
import { type HeadLayer, withHead } from "../match/headed.ts";
import { fromTorch } from "../names/torch-layout.ts";
import type { WeightFile } from "../weight-file.ts";
import type { Naming } from "./namings.ts";

/** Reads a parameter of a state dict. */
export type ReadTensor = (name: string) => Tensor;

/** A module with weights that does not belong to the network. */
interface HeadModule {
  readonly path: string;
  /** Weights by PyTorch's names: weight, bias, running_mean, running_var. */
  readonly weights: Readonly<Record<string, Tensor>>;
}

/** A layer of the network before its classifier, by its library's name. */
interface OwnLayer {
  readonly path: string;
  readonly activation: Activation;
  /** Distance to the next layer with weights in a Sequential; undefined if they are not in one. */
  readonly gap: number | undefined;
}

/**
 * Puts a state dict's custom head on the network's features, in the order of its modules' names.
 *
 * @param base the network without its classifier
 * @param names names of the parameters that do not belong to the network
 * @param namesOf the library's names of modules
 * @throws WeightsError for modules that are not a head of dense layers and norms
 */
export function stateWithHead(
  base: WeightFile,
  names: readonly string[],
  namesOf: Naming["modules"],
  read: ReadTensor,
  wanted: Wanted,
  where: string,
): WeightFile {
  if (wanted.options?.includeTop === false || names.length === 0) return base;
  const modules = modulesOf(names, read);
  const own = ownLayers(base, namesOf);
  const head = modules.map((module, i) => headLayer(module, modules.slice(i + 1), own, base, where));
  const features = featuresOf(base);
  const order = fits(head, features) ? head : undefined;
  if (!order) {
    throw new WeightsError({
      where,
      found: `${base.network} with modules ${listNames(modules.map(({ path }) => show(path)))} that are not a head for its ${features} features`,
      expected: "a head of Linear layers and norms",
      hint: "load its features with includeTop: false",
    });
  }
  const dense = order.filter(({ type }) => type === "dense");
  return withHead(base, order, where, {
    epsilon: { batch: 1e-5, layer: 1e-5 },
    momentum: 0.9,
    hidden: "relu",
    normFirst: true,
    wanted: wanted.options,
    unknown: `a state dict does not say what its head of ${order.length} layers does between its ${dense.length} Linear`,
  });
}

/** Modules sorted by name, with numeric order: `head.2` is before `head.10`. */
function modulesOf(names: readonly string[], read: ReadTensor): readonly HeadModule[] {
  const paths = new Map<string, Record<string, Tensor>>();
  for (const name of names) {
    const dot = name.lastIndexOf(".");
    const path = name.slice(0, Math.max(dot, 0));
    const weights = paths.get(path) ?? {};
    Object.defineProperty(weights, name.slice(dot + 1), { value: read(name), enumerable: true });
    paths.set(path, weights);
  }
  const modules = [...paths].map(([path, weights]) => ({ path, weights }));
  const numbered = modules.map((module, i) => ({ module, i, parts: module.path.split(".") }));
  numbered.sort((a, b) => {
    const sibling = a.parts.slice(0, -1).join() === b.parts.slice(0, -1).join();
    const [x, y] = [Number(a.parts.at(-1)), Number(b.parts.at(-1))];
    return sibling && x !== y && x >= 0 && y >= 0 ? x - y : a.i - b.i;
  });
  return numbered.map(({ module }) => module);
}

/** @param following the modules after it */
function headLayer(
  module: HeadModule,
  following: readonly HeadModule[],
  own: readonly OwnLayer[],
  base: WeightFile,
  where: string,
): HeadLayer {
  const { path, weights } = module;
  const [next, after] = following;
  const { weight, bias, running_mean, running_var, ...others } = weights;
  const strange = Object.keys(others);
  const rank = weight ? rankOf(weight) : 0;
  if (!weight && !bias && strange.length === 0 && running_mean && running_var) {
    // The norm has no scale and shift.
    const { shape } = running_mean;
    const [gamma, beta] = [1, 0].map((n) => ({ shape, data: new Float32Array(running_mean.data.length).fill(n) }));
    const tensors = { gamma, beta, moving_mean: running_mean, moving_variance: running_var };
    return { name: path, type: "batch_norm", tensors };
  }
  if (strange.length > 0 || !weight || (rank === 1 && !bias) || rank > 2) {
    throw new WeightsError({
      where: `${where}: ${path}`,
      found: `weights ${listNames(Object.keys(weights).map(show))} beside those of ${base.network}`,
      expected: "a head of Linear layers and norms",
      hint: "load its features with includeTop: false",
    });
  }
  if (rank === 2) {
    const matrix = reshaped(weight, weight.shape.slice(0, 2));
    const kernel = fromTorch("conv", "kernel", matrix, `${where}: ${path}.weight`);
    const known = own.find((layer) => path === layer.path || path.endsWith(`.${layer.path}`));
    const follows = between(module, next, after, known);
    const gap = next && isNorm(next) ? gapOf(path, next.path) : undefined;
    return {
      name: path,
      type: "dense",
      tensors: { kernel, ...(bias && { bias }) },
      ...(follows && { activation: follows }),
      ...(gap !== undefined && { normFirst: gap === 1 }),
    };
  }
  if (!running_mean || !running_var) return { name: path, type: "layer_norm", tensors: { gamma: weight, beta: bias } };
  const tensors = { gamma: weight, beta: bias, moving_mean: running_mean, moving_variance: running_var };
  return { name: path, type: "batch_norm", tensors };
}

/** Rank of a weight: 2 for a Linear module, and for a 1x1 convolution, OIHW. */
function rankOf({ shape }: Tensor): number {
  return shape.length === 4 && shape[2] === 1 && shape[3] === 1 ? 2 : shape.length;
}

/** The network's layers before its classifier. A head that keeps some of them keeps their names. */
function ownLayers({ network, options }: WeightFile, namesOf: Naming["modules"]): readonly OwnLayer[] {
  const graph = buildGraph(network as NetworkName, { ...options, includeTop: true, pooling: null });
  const modules = namesOf(graph);
  return modules.slice(0, -1).map(({ layer, path }, i) => {
    const next = graph.nodes.find(({ inputs }) => inputs[0] === layer);
    const bends = next && is(next, activation) ? next.attrs.activation : "linear";
    return { path, activation: bends, gap: gapOf(path, modules[i + 1].path) };
  });
}

const isNorm = ({ weights }: HeadModule) => weights.running_mean !== undefined || weights.weight?.shape.length === 1;

/** Difference between the numbers of two modules of one Sequential; undefined for others. */
function gapOf(path: string, next: string): number | undefined {
  const [a, b] = [path.split("."), next.split(".")];
  const gap = Number(b.at(-1)) - Number(a.at(-1));
  return a.slice(0, -1).join() === b.slice(0, -1).join() && Number.isInteger(gap) ? gap : undefined;
}

/**
 * The activation between two Linear modules: the network's, if the first belongs to it; none, if their numbers in a
 * Sequential are consecutive.
 */
function between(
  { path }: HeadModule,
  next: HeadModule | undefined,
  after: HeadModule | undefined,
  own: OwnLayer | undefined,
): Activation | undefined {
  if (own && own.gap === undefined) return own.activation;
  if (!next) return undefined;
  const gap = gapOf(path, next.path);
  if (isNorm(next)) return gap === 1 && after && gapOf(next.path, after.path) === 1 ? "linear" : undefined;
  if (gap === 1) return "linear";
  return own && gap === own.gap ? own.activation : undefined;
}

function featuresOf({ network, options }: WeightFile): number {
  const { nodes, outputs } = buildGraph(network as NetworkName, { ...options, includeTop: false, pooling: "avg" });
  return nodes.find(({ name }) => name === outputs[0])?.shape.at(-1) as number;
}

/** Whether each layer fits the one before it; the first takes the features, both poolings or the flattened map. */
function fits(head: readonly HeadLayer[], features: number): boolean {
  let size = features;
  for (const [i, { type, tensors }] of head.entries()) {
    const inputs = type === "dense" ? tensors.kernel.shape[0] : tensors.gamma.data.length;
    // A flattened map, or both poolings.
    const larger = i === 0 && (inputs === 2 * features || Number.isInteger(Math.sqrt(inputs / features)));
    if (inputs !== size && !larger) return false;
    size = type === "dense" ? tensors.kernel.shape[1] : inputs;
  }
  return head.some(({ type }) => type === "dense");
}
