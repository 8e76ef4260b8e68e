import { GraphError } from "../errors.ts";
import type { Attrs, Node } from "./graph.ts";
import type { Op } from "./op.ts";
import { activation } from "./ops/activation.ts";
import { activationGrad } from "./ops/activation_grad.ts";
import { add } from "./ops/add.ts";
import { batchMoments } from "./ops/batch_moments.ts";
import { batchNormInputGrad } from "./ops/batch_norm_input_grad.ts";
import { batchNormSums } from "./ops/batch_norm_sums.ts";
import { batchNormalization } from "./ops/batch_normalization.ts";
import { batchNormalizationInputGrad } from "./ops/batch_normalization_input_grad.ts";
import { batchNormalize } from "./ops/batch_normalize.ts";
import { broadcast } from "./ops/broadcast.ts";
import { channelSums } from "./ops/channel_sums.ts";
import { conv2d } from "./ops/conv2d.ts";
import { conv2dInputGrad } from "./ops/conv2d_input_grad.ts";
import { conv2dKernelGrad } from "./ops/conv2d_kernel_grad.ts";
import { cropping2d } from "./ops/cropping2d.ts";
import { dense } from "./ops/dense.ts";
import { denseInputGrad } from "./ops/dense_input_grad.ts";
import { denseKernelGrad } from "./ops/dense_kernel_grad.ts";
import { depthwiseConv2d } from "./ops/depthwise_conv2d.ts";
import { depthwiseConv2dInputGrad } from "./ops/depthwise_conv2d_input_grad.ts";
import { depthwiseConv2dKernelGrad } from "./ops/depthwise_conv2d_kernel_grad.ts";
import { dropout } from "./ops/dropout.ts";
import { globalAveragePooling2d } from "./ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "./ops/global_max_pooling2d.ts";
import { globalMaxPooling2dGrad } from "./ops/global_max_pooling2d_grad.ts";
import { multiply } from "./ops/multiply.ts";
import { multiplyGateGrad } from "./ops/multiply_gate_grad.ts";
import { pick } from "./ops/pick.ts";
import { rescaling } from "./ops/rescaling.ts";
import { reshape } from "./ops/reshape.ts";
import { zeroPadding2d } from "./ops/zero_padding2d.ts";

const ops: ReadonlyMap<string, Op> = new Map(
  [
    activation,
    activationGrad,
    add,
    batchMoments,
    batchNormInputGrad,
    batchNormSums,
    batchNormalization,
    batchNormalizationInputGrad,
    batchNormalize,
    broadcast,
    channelSums,
    conv2d,
    conv2dInputGrad,
    conv2dKernelGrad,
    cropping2d,
    dense,
    denseInputGrad,
    denseKernelGrad,
    depthwiseConv2d,
    depthwiseConv2dInputGrad,
    depthwiseConv2dKernelGrad,
    dropout,
    globalAveragePooling2d,
    globalMaxPooling2d,
    globalMaxPooling2dGrad,
    multiply,
    multiplyGateGrad,
    pick,
    rescaling,
    reshape,
    zeroPadding2d,
  ].map((op) => [op.name, op as Op]),
);

/** Names of all ops, for error texts and for tests that must cover each. */
export const opNames: readonly string[] = [...ops.keys()];

/** @throws GraphError for a name that is not an op's */
export function opOf(node: Pick<Node, "name" | "op">): Op {
  const op = ops.get(node.op);
  if (op) return op;
  throw new GraphError({
    where: node.name,
    found: `unknown op "${node.op}"`,
    expected: `one of ${opNames.join(", ")}`,
  });
}

/** Narrows a node to an op and its attributes: `if (is(node, conv2d)) node.attrs.filters`. */
export function is<A extends Attrs>(node: Node, op: Op<A>): node is Node & { readonly attrs: A } {
  return node.op === op.name;
}
