import type { Program } from "../graph/graph.ts";
import { asFloat } from "./uses.ts";

/**
 * Turns every value's type into float32, for engines without integer kernels. Parameters keep their storage types.
 */
export function asFloats({ graph, weights }: Program): Program {
  const { name, shape } = graph.input;
  return { graph: { ...graph, input: { name, shape }, nodes: graph.nodes.map(asFloat) }, weights };
}
