import { WeightsError } from "../../errors.ts";
import type { Graph, Weights } from "../../graph/graph.ts";
import { listNames, show } from "../../show.ts";
import { formatShape, sameShape, type Tensor, type TensorData } from "../../tensor.ts";
import { fittingWeights, isFloat32 } from "./fitting-weights.ts";
import { type Misfit, misfitHint } from "./misfit.ts";

/**
 * Most parameters of a classifier (V3: two convolutions with biases). Parameters have the order of the layers, so a file
 * without its classifier lacks the last ones.
 */
const MAX_HEAD = 4;

/**
 * Checks that a file's tensors are exactly a network's parameters, and returns them as its weights.
 *
 * @param tensors by `<layer>/<weight>`
 * @param where names the file in errors
 * @param withAlpha builds the same network with another width multiplier, so that an error can name the file's
 * @throws WeightsError for missing parameters, and for tensors that are surplus, not float32, or of another shape
 */
export function matchWeights(
  graph: Graph,
  tensors: Readonly<Record<string, Tensor<TensorData>>>,
  where: string,
  withAlpha?: (alpha: number) => Graph,
): Weights {
  const weights = fittingWeights(graph, tensors);
  if (weights) return weights;
  checkNames(graph, Object.keys(tensors), where);
  const quantised: string[] = [];
  const misfits: Misfit[] = [];
  for (const [name, { shape }] of Object.entries(graph.params)) {
    const tensor = tensors[name];
    if (!isFloat32(tensor)) quantised.push(name);
    else if (!sameShape(tensor.shape, shape)) misfits.push({ name, found: tensor.shape, expected: shape });
  }
  if (quantised.length > 0) throw dtypeError(tensors[quantised[0]], quantised, where);
  throw shapeError(misfits, misfitHint(graph, misfits, withAlpha), where);
}

function checkNames(graph: Graph, found: readonly string[], where: string): void {
  const expected = Object.keys(graph.params);
  const present = new Set(found);
  const missing = expected.filter((name) => !present.has(name));
  const surplus = found.filter((name) => !Object.hasOwn(graph.params, name));
  const surplusList = listNames(surplus.map(show));

  if (missing.length > 0 && missing.length === expected.length) {
    throw new WeightsError({
      where,
      found: found.length === 0 ? "no tensors" : `${count(found, "tensor")}, none of this network: ${surplusList}`,
      expected: `the ${expected.length} of ${graph.name}: ${listNames(expected)}`,
      hint: "is this a file of another network?",
    });
  }
  if (missing.length > 0) {
    const headless = surplus.length === 0 && missing.length <= MAX_HEAD && missing[0] === expected.at(-missing.length);
    throw new WeightsError({
      where,
      found: `${missing.length} of the ${expected.length} tensors of ${graph.name} are missing: ${listNames(missing)}`,
      hint: headless
        ? "was this file saved with includeTop false?"
        : `${surplus.length > 0 ? `there are others instead (${surplusList}): ` : ""}is this a file of another network or flavor?`,
    });
  }
  if (surplus.length > 0) {
    throw new WeightsError({
      where,
      found: `${count(surplus, "tensor")} that ${graph.name} does not have: ${surplusList}`,
      hint: "was this file saved with includeTop true, or from a network with other options?",
    });
  }
}

function dtypeError({ data }: Tensor<TensorData>, names: readonly string[], where: string): WeightsError {
  const dtype = data[Symbol.toStringTag].replace("Array", "").toLowerCase();
  const { layer, weight } = split(names[0]);
  return new WeightsError({
    where: `${where}: ${layer}`,
    found: `${weight} has dtype ${dtype}`,
    expected: "float32",
    hint: `${dtype === "float64" ? "convert it first" : "is this a quantised file?"}${others(names)}`,
  });
}

function shapeError(misfits: readonly Misfit[], hint: string, where: string): WeightsError {
  const [{ name, found, expected }] = misfits;
  const { layer, weight } = split(name);
  return new WeightsError({
    where: `${where}: ${layer}`,
    found: `${weight} has shape ${formatShape(found)}`,
    expected: formatShape(expected),
    hint: hint + others(misfits.map((misfit) => misfit.name)),
  });
}

/** A count of further names: they most likely have the same fault as the first. */
function others(names: readonly string[]): string {
  return names.length === 1 ? "" : ` (likewise: ${listNames(names.slice(1))})`;
}

/** `conv1/kernel` -> `conv1`, `kernel` */
function split(name: string): { layer: string; weight: string } {
  const slash = name.lastIndexOf("/");
  return { layer: name.slice(0, slash), weight: name.slice(slash + 1) };
}

function count(names: readonly string[], noun: string): string {
  return `${names.length} ${noun}${names.length === 1 ? "" : "s"}`;
}
