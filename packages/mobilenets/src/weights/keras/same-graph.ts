import type { Attrs, Graph } from "../../graph/graph.ts";
import { sameShape } from "../../tensor.ts";

/** Attributes without effect on inference. */
const TRAINING_ONLY: readonly string[] = ["momentum", "unbiased", "rate"];

/**
 * Whether two graphs have equal layers in the same order, whatever their names. Stricter than `sameComputation`, for files
 * that list their layers: Keras' V1 and the article's compute the same with different layers.
 */
export function sameGraph(a: Graph, b: Graph): boolean {
  if (a.nodes.length !== b.nodes.length || !sameShape(a.input.shape, b.input.shape)) return false;
  const twin = new Map([[a.input.name, b.input.name]]);
  for (const [i, node] of a.nodes.entries()) {
    const other = b.nodes[i];
    twin.set(node.name, other.name);
    if (node.op !== other.op || !sameShape(node.shape, other.shape) || !sameAttrs(node.attrs, other.attrs))
      return false;
    const [inputs, others] = [dataInputs(node.inputs, a), dataInputs(other.inputs, b)];
    if (inputs.length !== others.length || inputs.some((name, j) => twin.get(name) !== others[j])) return false;
  }
  return a.outputs.length === b.outputs.length && a.outputs.every((name, i) => twin.get(name) === b.outputs[i]);
}

/** Inputs without parameters, whose specs are equal for equal ops with equal attributes. */
function dataInputs(inputs: readonly string[], { params }: Graph): readonly string[] {
  return inputs.filter((name) => !Object.hasOwn(params, name));
}

function sameAttrs(a: Attrs, b: Attrs): boolean {
  return JSON.stringify(relevant(a)) === JSON.stringify(relevant(b));
}

/** Attributes in a fixed order, without those that have no effect, such as padding of a window of one pixel. */
function relevant(attrs: Attrs): [string, unknown][] {
  const { padding, ...rest } = { padding: undefined, kernelSize: undefined, ...attrs };
  const pointwise = JSON.stringify(rest.kernelSize) === "[1,1]";
  return Object.entries({ padding: pointwise ? undefined : padding, ...rest })
    .filter(([key]) => !TRAINING_ONLY.includes(key))
    .sort(([x], [y]) => (x < y ? -1 : 1));
}
