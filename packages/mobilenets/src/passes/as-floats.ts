import type { Program } from "../graph/graph.ts";
import { asFloat } from "./uses.ts";

/**
 * Turns every value into the float32 that it stands for, whatever a file computes with. Engines without integer kernels
 * compute with those. Parameters stay as they are stored.
 */
export function asFloats({ graph, weights }: Program): Program {
  const { name, shape } = graph.input;
  return { graph: { ...graph, input: { name, shape }, nodes: graph.nodes.map(asFloat) }, weights };
}
