import { sizeOf } from "../tensor.ts";
import type { Graph, Node } from "./graph.ts";
import { importedOps } from "./imported-ops.ts";
import { conv2d } from "./ops/conv2d.ts";
import { depthwiseConv2d } from "./ops/depthwise_conv2d.ts";
import { globalAveragePooling2d } from "./ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "./ops/global_max_pooling2d.ts";
import { is, opOf } from "./ops.ts";
import { shapesOf } from "./shapes.ts";

interface Cost {
  /** Kernel weights, without biases and batch norm. */
  readonly weights: number;
  /** Multiply-adds for one picture. */
  readonly macs: number;
}

/** A depthwise-separable pair and the standard convolution that it replaces. */
export interface Saving {
  readonly depthwise: string;
  readonly pointwise: string;
  readonly separable: Cost;
  /** One convolution with the depthwise window, from its input channels to the pointwise filters. */
  readonly standard: Cost;
}

/** The savings of each depthwise-separable pair of a network, and of all together. */
export interface Savings {
  readonly pairs: readonly Saving[];
  /** Weights and MACs of all convolutions and dense layers, as they are and with standard convolutions for the pairs. */
  readonly network: { readonly separable: Cost; readonly standard: Cost };
}

/**
 * The savings of depthwise-separable convolution (Howard et al. 2017, section 3.1): a kxk convolution from N to M
 * channels costs k*k*N*M weights; a depthwise and a pointwise one cost k*k*N + N*M.
 */
export function savings(graph: Graph): Savings {
  const pairs: Saving[] = [];
  const costs = costsOf(graph);
  for (const pointwise of graph.nodes) {
    if (!is(pointwise, conv2d) || sizeOf(pointwise.attrs.kernelSize) !== 1) continue;
    const depthwise = depthwiseBefore(graph, pointwise);
    if (!depthwise) continue;
    const [kh, kw, inputs] = graph.params[depthwise.inputs[1]].shape;
    const weights = kh * kw * inputs * pointwise.attrs.filters;
    pairs.push({
      depthwise: depthwise.name,
      pointwise: pointwise.name,
      separable: add(costs.get(depthwise.name) as Cost, costs.get(pointwise.name) as Cost),
      standard: { weights, macs: weights * depthwise.shape[1] * depthwise.shape[2] },
    });
  }
  const separable = [...costs.values()].reduce(add, { weights: 0, macs: 0 });
  const standard = pairs.reduce(
    (total, pair) => ({
      weights: total.weights - pair.separable.weights + pair.standard.weights,
      macs: total.macs - pair.separable.macs + pair.standard.macs,
    }),
    separable,
  );
  return { pairs, network: { separable, standard } };
}

/** The depthwise convolution whose result reaches a pointwise one through ops that work on each pixel separately. */
function depthwiseBefore(graph: Graph, pointwise: Node): Node | undefined {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  let node = byName.get(pointwise.inputs[0]);
  while (node && !is(node, depthwiseConv2d)) {
    const before = byName.get(node.inputs[0]);
    if (opOf(node, importedOps).macs || !before || sizeOf(before.shape) !== sizeOf(node.shape)) return undefined;
    // On a map of one pixel, as small pictures have, pooling keeps the shape. Then squeeze-and-excite or a classifier
    // follows.
    if (is(node, globalAveragePooling2d) || is(node, globalMaxPooling2d)) return undefined;
    node = before;
  }
  return node;
}

function costsOf(graph: Graph): ReadonlyMap<string, Cost> {
  const shapes = shapesOf(graph);
  const costs = new Map<string, Cost>();
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => shapes.get(input) ?? []);
    const macs = opOf(node, importedOps).macs?.(inputs, node.attrs, node.shape);
    if (macs !== undefined) costs.set(node.name, { weights: sizeOf(inputs[1]), macs });
  }
  return costs;
}

function add(a: Cost, b: Cost): Cost {
  return { weights: a.weights + b.weights, macs: a.macs + b.macs };
}
