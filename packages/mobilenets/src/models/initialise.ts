import type { Graph, ParamSpec, Weights } from "../graph/graph.ts";
import { random } from "../random.ts";
import { sizeOf, tensor } from "../tensor.ts";

/**
 * Initialises weights as Keras does: Glorot-uniform kernels, zero biases, identity batch norms. The same seed gives the
 * same numbers on every host.
 */
export function initialise(graph: Graph, seed = 0): Weights {
  const next = random(seed);
  return Object.fromEntries(
    Object.entries(graph.params).map(([name, spec]) => [name, tensor(spec.shape, values(spec, next))]),
  );
}

function values({ shape, init }: ParamSpec, next: () => number): Float32Array {
  const data = new Float32Array(sizeOf(shape));
  if (init === "zeros") return data;
  if (init === "ones") return data.fill(1);
  const limit = Math.sqrt(6 / fanSum(shape));
  for (let i = 0; i < data.length; i++) data[i] = (2 * next() - 1) * limit;
  return data;
}

/** Fan-in plus fan-out as Keras counts them: the last two dimensions, each times the window. */
function fanSum(shape: readonly number[]): number {
  const window = sizeOf(shape.slice(0, -2));
  return window * (shape[shape.length - 2] + shape[shape.length - 1]);
}
