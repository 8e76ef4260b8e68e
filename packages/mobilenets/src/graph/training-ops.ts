import { importedOps } from "./imported-ops.ts";
import type { GradientOp, Op } from "./op.ts";
import { activationGrad } from "./ops/activation_grad.ts";
import { batchMoments } from "./ops/batch_moments.ts";
import { batchNormInputGrad } from "./ops/batch_norm_input_grad.ts";
import { batchNormSums } from "./ops/batch_norm_sums.ts";
import { batchNormalizationInputGrad } from "./ops/batch_normalization_input_grad.ts";
import { batchNormalize } from "./ops/batch_normalize.ts";
import { broadcast } from "./ops/broadcast.ts";
import { channelSums } from "./ops/channel_sums.ts";
import { conv2dInputGrad } from "./ops/conv2d_input_grad.ts";
import { conv2dKernelGrad } from "./ops/conv2d_kernel_grad.ts";
import { cropping2d } from "./ops/cropping2d.ts";
import { denseInputGrad } from "./ops/dense_input_grad.ts";
import { denseKernelGrad } from "./ops/dense_kernel_grad.ts";
import { depthwiseConv2dInputGrad } from "./ops/depthwise_conv2d_input_grad.ts";
import { depthwiseConv2dKernelGrad } from "./ops/depthwise_conv2d_kernel_grad.ts";
import { globalMaxPooling2dGrad } from "./ops/global_max_pooling2d_grad.ts";
import { multiply } from "./ops/multiply.ts";
import { multiplyGateGrad } from "./ops/multiply_gate_grad.ts";
import { pick } from "./ops/pick.ts";
import { rescaling } from "./ops/rescaling.ts";
import { reshape } from "./ops/reshape.ts";
import { zeroPadding2d } from "./ops/zero_padding2d.ts";

/** Ops that only training graphs have, by name. */
export const trainingOps = {
  activation_grad: activationGrad,
  batch_moments: batchMoments,
  batch_norm_input_grad: batchNormInputGrad,
  batch_norm_sums: batchNormSums,
  batch_normalization_input_grad: batchNormalizationInputGrad,
  batch_normalize: batchNormalize,
  broadcast: broadcast,
  channel_sums: channelSums,
  conv2d_input_grad: conv2dInputGrad,
  conv2d_kernel_grad: conv2dKernelGrad,
  cropping2d: cropping2d,
  dense_input_grad: denseInputGrad,
  dense_kernel_grad: denseKernelGrad,
  depthwise_conv2d_input_grad: depthwiseConv2dInputGrad,
  depthwise_conv2d_kernel_grad: depthwiseConv2dKernelGrad,
  global_max_pooling2d_grad: globalMaxPooling2dGrad,
  multiply_gate_grad: multiplyGateGrad,
  pick: pick,
} as const;

/** Ops of gradients, by name. */
export const gradientOps = {
  ...importedOps,
  ...trainingOps,
  multiply,
  rescaling,
  reshape,
  zero_padding2d: zeroPadding2d,
} as Readonly<Record<GradientOp, Op>>;
