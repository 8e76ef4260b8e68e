import type { Program } from "../graph/graph.ts";
import { asFloat } from "./uses.ts";

/**
 * Every value is the float32 that it stands for, whatever a file computes with: what engines without integer kernels
 * compute with. Parameters stay as they are stored.
 */
export function asFloats({ graph, weights }: Program): Program {
  const { name, shape } = graph.input;
  return { graph: { ...graph, input: { name, shape }, nodes: graph.nodes.map(asFloat) }, weights };
}
