import { type Shape, sizeOf } from "../tensor.ts";
import type { Graph } from "./graph.ts";
import { type Ops, opOf } from "./ops.ts";
import { shapesOf } from "./shapes.ts";

/** A layer with its size and cost. */
export interface LayerSummary {
  readonly name: string;
  /** Keras class, e.g. `DepthwiseConv2D`. */
  readonly type: string;
  /** Shape of the result at batch size 1. */
  readonly outputShape: Shape;
  readonly params: number;
  /** Multiply-adds for one picture. */
  readonly macs: number;
}

/**
 * Layers with their sizes and costs. Multiply-adds count convolutions, squeeze-and-excite and dense layers.
 * @param more ops of the graph beyond those of networks
 * @throws GraphError for an unknown op
 */
export function layerSummaries(graph: Graph, more: Ops): readonly LayerSummary[] {
  const shapes = shapesOf(graph);
  return graph.nodes.map((node) => {
    const op = opOf(node, more);
    const inputs = node.inputs.map((input) => shapes.get(input) as Shape);
    const weights = node.inputs.filter((input) => input in graph.params);
    return {
      name: node.name,
      type: op.layer(node.attrs),
      outputShape: node.shape,
      params: sumOf(weights.map((name) => sizeOf(graph.params[name].shape))),
      macs: op.macs?.(inputs, node.attrs, node.shape) ?? 0,
    };
  });
}

/** The sum of some numbers. */
export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
