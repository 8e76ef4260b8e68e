import type { Graph } from "../graph/graph.ts";
import { importedOps } from "../graph/imported-ops.ts";
import { opOf } from "../graph/ops.ts";
import { shapesOf } from "../graph/shapes.ts";
import type { Shape } from "../tensor.ts";

/** The graph with its shapes at another batch size. */
export function withBatch(graph: Graph, batch: number): Graph {
  const input = { ...graph.input, shape: [batch, ...graph.input.shape.slice(1)] };
  const shapes = new Map(shapesOf({ ...graph, input, nodes: [] }));
  const nodes = graph.nodes.map((node) => {
    const inputs = node.inputs.map((name) => shapes.get(name) as Shape);
    const shape = opOf(node, importedOps).shape(inputs, node.attrs);
    shapes.set(node.name, shape);
    return { ...node, shape };
  });
  return { ...graph, input, nodes };
}
