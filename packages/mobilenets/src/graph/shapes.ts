import type { Shape } from "../tensor.ts";
import type { Graph } from "./graph.ts";

/** Shapes of all values of a graph by name, batch 1. */
export function shapesOf(graph: Graph): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>([[graph.input.name, graph.input.shape]]);
  for (const [name, { shape }] of Object.entries(graph.params)) shapes.set(name, shape);
  for (const { name, shape } of graph.nodes) shapes.set(name, shape);
  return shapes;
}
