import { type Shape, sizeOf } from "../tensor.ts";
import type { Graph } from "./graph.ts";
import { opOf } from "./ops.ts";

/** A layer with its size and cost. */
export interface LayerSummary {
  readonly name: string;
  /** Keras class: `DepthwiseConv2D`. */
  readonly type: string;
  /** Batch size 1. */
  readonly outputShape: Shape;
  readonly params: number;
  /** Multiply-adds for one picture. */
  readonly macs: number;
}

/** A network with its sizes and costs. */
export interface Summary {
  readonly totals: { readonly params: number; readonly trainable: number; readonly macs: number };
  readonly layers: readonly LayerSummary[];
}

/** Layers with their sizes and costs. MACs count convolutions, squeeze-and-excite and the classifier. */
export function summarise(graph: Graph): Summary {
  const shapes = shapesOf(graph);
  const layers = graph.nodes.map((node) => {
    const op = opOf(node);
    return {
      name: node.name,
      type: op.layer(node.attrs),
      outputShape: node.shape,
      params: sum(node.inputs.map((input) => (input in graph.params ? sizeOf(graph.params[input].shape) : 0))),
      macs:
        op.macs?.(
          node.inputs.map((input) => shapes.get(input) as Shape),
          node.attrs,
          node.shape,
        ) ?? 0,
    };
  });
  const specs = Object.values(graph.params);
  return {
    totals: {
      params: sum(specs.map(({ shape }) => sizeOf(shape))),
      trainable: sum(specs.map(({ shape, trainable }) => (trainable ? sizeOf(shape) : 0))),
      macs: sum(layers.map((layer) => layer.macs)),
    },
    layers,
  };
}

/** Shapes of all values of a graph by name, batch 1. */
export function shapesOf(graph: Graph): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>([[graph.input.name, graph.input.shape]]);
  for (const [name, { shape }] of Object.entries(graph.params)) shapes.set(name, shape);
  for (const { name, shape } of graph.nodes) shapes.set(name, shape);
  return shapes;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
