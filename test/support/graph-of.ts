import { GraphBuilder } from "../../packages/mobilenets/src/graph/builder.ts";
import { checkGraph } from "../../packages/mobilenets/src/graph/check.ts";
import type { Graph } from "../../packages/mobilenets/src/graph/graph.ts";
import type { Conv2dAttrs } from "../../packages/mobilenets/src/graph/ops/conv2d.ts";
import type { DenseAttrs } from "../../packages/mobilenets/src/graph/ops/dense.ts";
import type { DepthwiseConv2dAttrs } from "../../packages/mobilenets/src/graph/ops/depthwise_conv2d.ts";
import { gradientOps } from "../../packages/mobilenets/src/graph/training-ops.ts";
import type { Shape } from "../../packages/mobilenets/src/tensor.ts";

/**
 * A small graph for a test.
 * @param inputShape one picture, `[height, width, channels]`
 * @param build adds layers and returns the names of the outputs
 * @param batch batch size of a training graph; graphs for inference have 1 and take any number
 */
export function graphOf(inputShape: Shape, build: (b: GraphBuilder) => string | readonly string[], batch = 1): Graph {
  const b = new GraphBuilder("small", inputShape, "input", batch);
  const outputs = [build(b)].flat();
  // A network's outputs are layers, but an engine may also output the input.
  const graph = b.build(...outputs.filter((name) => name !== b.input));
  return checkGraph({ ...graph, outputs }, gradientOps);
}

/** Attributes of layers; a test names only those that are not the simplest. */
export const conv = (filters: number, attrs: Partial<Conv2dAttrs> = {}): Conv2dAttrs => ({
  filters,
  kernelSize: [1, 1],
  strides: [1, 1],
  padding: "valid",
  useBias: false,
  activation: "linear",
  ...attrs,
});

export const depthwise = (attrs: Partial<DepthwiseConv2dAttrs> = {}): DepthwiseConv2dAttrs => ({
  kernelSize: [3, 3],
  strides: [1, 1],
  padding: "same",
  depthMultiplier: 1,
  useBias: false,
  activation: "linear",
  ...attrs,
});

export const units = (n: number, attrs: Partial<DenseAttrs> = {}): DenseAttrs => ({
  units: n,
  useBias: true,
  activation: "linear",
  ...attrs,
});

export const batchNorm = { epsilon: 1e-3, momentum: 0.99 };
