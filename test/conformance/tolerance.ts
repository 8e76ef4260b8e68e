import type { Graph, Node } from "../../packages/mobilenets/src/graph/graph.ts";
import type { Op } from "../../packages/mobilenets/src/graph/op.ts";
import { activation } from "../../packages/mobilenets/src/graph/ops/activation.ts";
import { activationGrad } from "../../packages/mobilenets/src/graph/ops/activation_grad.ts";
import { batchMoments } from "../../packages/mobilenets/src/graph/ops/batch_moments.ts";
import { batchNormInputGrad } from "../../packages/mobilenets/src/graph/ops/batch_norm_input_grad.ts";
import { batchNormSums } from "../../packages/mobilenets/src/graph/ops/batch_norm_sums.ts";
import { channelSums } from "../../packages/mobilenets/src/graph/ops/channel_sums.ts";
import { conv2d } from "../../packages/mobilenets/src/graph/ops/conv2d.ts";
import { conv2dInputGrad } from "../../packages/mobilenets/src/graph/ops/conv2d_input_grad.ts";
import { conv2dKernelGrad } from "../../packages/mobilenets/src/graph/ops/conv2d_kernel_grad.ts";
import { dense } from "../../packages/mobilenets/src/graph/ops/dense.ts";
import { denseInputGrad } from "../../packages/mobilenets/src/graph/ops/dense_input_grad.ts";
import { denseKernelGrad } from "../../packages/mobilenets/src/graph/ops/dense_kernel_grad.ts";
import { depthwiseConv2d } from "../../packages/mobilenets/src/graph/ops/depthwise_conv2d.ts";
import { depthwiseConv2dInputGrad } from "../../packages/mobilenets/src/graph/ops/depthwise_conv2d_input_grad.ts";
import { depthwiseConv2dKernelGrad } from "../../packages/mobilenets/src/graph/ops/depthwise_conv2d_kernel_grad.ts";
import { globalAveragePooling2d } from "../../packages/mobilenets/src/graph/ops/global_average_pooling2d.ts";
import { layerNormalization } from "../../packages/mobilenets/src/graph/ops/layer_normalization.ts";
import { logSoftmax } from "../../packages/mobilenets/src/graph/ops/log_softmax.ts";
import { logSoftmaxGrad } from "../../packages/mobilenets/src/graph/ops/log_softmax_grad.ts";
import { multiplyGateGrad } from "../../packages/mobilenets/src/graph/ops/multiply_gate_grad.ts";
import { normalizeRows } from "../../packages/mobilenets/src/graph/ops/normalize_rows.ts";
import { normalizeRowsGrad } from "../../packages/mobilenets/src/graph/ops/normalize_rows_grad.ts";
import { pooling2d } from "../../packages/mobilenets/src/graph/ops/pooling2d.ts";
import { pooling2dGrad } from "../../packages/mobilenets/src/graph/ops/pooling2d_grad.ts";
import { unary } from "../../packages/mobilenets/src/graph/ops/unary.ts";
import { unaryGrad } from "../../packages/mobilenets/src/graph/ops/unary_grad.ts";
import { is } from "../../packages/mobilenets/src/graph/ops.ts";
import { shapesOf } from "../../packages/mobilenets/src/graph/shapes.ts";
import { type Shape, sizeOf, type Tensor } from "../../packages/mobilenets/src/tensor.ts";
import { largestMagnitude } from "../oracles/compare.ts";

/** Half the distance from 1 to the next float32: the largest relative error of one rounding. */
const UNIT_ROUNDOFF = 2 ** -24;

/** Roundings of e^x by polynomial, of the division and of the sum in softmax and sigmoid, per output. */
const EXPONENTIAL = 16;

/** Roundings besides the sum: weights with batch norm folded in, bias, residual, activation, store. */
const STORE = 6;

/**
 * How far a float32 engine may lie from the float64 reference, absolutely.
 *
 * A sum of K products may be off by K roundings of the magnitude its terms reach (Higham, Accuracy and Stability of
 * Numerical Algorithms, section 3.1). Errors of different layers do not know of each other, so that their squares add.
 * The magnitude is that of the output: random weights are drawn so that layers pass on the size of their input.
 */
export function toleranceOf(graph: Graph, expected: Tensor): number {
  const shapes = shapesOf(graph);
  const roundings = Math.hypot(...graph.nodes.map((node) => STORE + reductionLength(node, shapes)));
  // Little may be left of a batch norm's gradient when its parts, of the size of dy, have been taken from each other.
  const cancels = graph.nodes.some(({ op }) => op === batchNormInputGrad.name);
  return roundings * UNIT_ROUNDOFF * Math.max(largestMagnitude(expected), cancels ? 1 : 0);
}

/** Terms that are summed into one number of a layer's result; 0 for layers that do not sum. */
function reductionLength(node: Node, shapes: ReadonlyMap<string, Shape>): number {
  const shapeOf = (i: number) => shapes.get(node.inputs[i]) as Shape;
  if (is(node, conv2d) || is(node, dense)) return sizeOf(shapeOf(1).slice(0, -1)) + exponential(node.attrs.activation);
  if (is(node, depthwiseConv2d)) return sizeOf(node.attrs.kernelSize) + exponential(node.attrs.activation);
  const oneOf = (...ops: readonly Op[]) => ops.some(({ name }) => name === node.op);
  if (oneOf(conv2dInputGrad, depthwiseConv2dInputGrad)) return sizeOf(shapeOf(1)) / shapeOf(1)[2];
  if (oneOf(denseInputGrad)) return shapeOf(1)[1];
  if (oneOf(conv2dKernelGrad, depthwiseConv2dKernelGrad, denseKernelGrad)) {
    return sizeOf(shapeOf(1).slice(0, -1));
  }
  if (oneOf(batchMoments, batchNormSums, channelSums)) {
    return sizeOf(shapeOf(0).slice(0, -1));
  }
  if (oneOf(globalAveragePooling2d, multiplyGateGrad)) return sizeOf(shapeOf(0).slice(1, 3));
  if (oneOf(unary, unaryGrad, logSoftmax, logSoftmaxGrad)) return EXPONENTIAL;
  if (oneOf(normalizeRows, normalizeRowsGrad, layerNormalization)) return shapeOf(0).at(-1) as number;
  if (is(node, pooling2d)) return sizeOf(node.attrs.kernelSize);
  if (is(node, pooling2dGrad)) return sizeOf(node.attrs.kernelSize);
  if (is(node, activation) || is(node, activationGrad)) return exponential(node.attrs.activation);
  return 0;
}

const exponential = (name: string) => (name === "softmax" || name === "sigmoid" ? EXPONENTIAL : 0);
