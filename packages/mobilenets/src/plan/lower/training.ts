import { activationGrad } from "../../graph/ops/activation_grad.ts";
import { batchMoments } from "../../graph/ops/batch_moments.ts";
import { batchNormInputGrad } from "../../graph/ops/batch_norm_input_grad.ts";
import { batchNormSums } from "../../graph/ops/batch_norm_sums.ts";
import { batchNormalizationInputGrad } from "../../graph/ops/batch_normalization_input_grad.ts";
import { batchNormalize } from "../../graph/ops/batch_normalize.ts";
import { broadcast } from "../../graph/ops/broadcast.ts";
import { channelSums } from "../../graph/ops/channel_sums.ts";
import { conv2dInputGrad } from "../../graph/ops/conv2d_input_grad.ts";
import { conv2dKernelGrad } from "../../graph/ops/conv2d_kernel_grad.ts";
import { cropping2d } from "../../graph/ops/cropping2d.ts";
import { denseInputGrad } from "../../graph/ops/dense_input_grad.ts";
import { denseKernelGrad } from "../../graph/ops/dense_kernel_grad.ts";
import { depthwiseConv2dInputGrad } from "../../graph/ops/depthwise_conv2d_input_grad.ts";
import { depthwiseConv2dKernelGrad } from "../../graph/ops/depthwise_conv2d_kernel_grad.ts";
import { globalMaxPooling2dGrad } from "../../graph/ops/global_max_pooling2d_grad.ts";
import { multiplyGateGrad } from "../../graph/ops/multiply_gate_grad.ts";
import { pick } from "../../graph/ops/pick.ts";
import type { Ops } from "../../graph/ops.ts";
import { trainingOps } from "../../graph/training-ops.ts";
import { trainingKernels } from "../../kernels/training/table.ts";
import type { Extension } from "../extension.ts";
import { entry } from "../lower.ts";
import { importedExtension } from "./imported.ts";
import { lowerActivationGrad } from "./training/activation.ts";
import {
  conv2dKernelGradFrame,
  lowerConv2dInputGrad,
  lowerConv2dKernelGrad,
  lowerDenseInputGrad,
  lowerDenseKernelGrad,
} from "./training/conv.ts";
import {
  depthwiseInputGradFrame,
  depthwiseKernelGradFrame,
  lowerDepthwiseInputGrad,
  lowerDepthwiseKernelGrad,
} from "./training/depthwise.ts";
import {
  anyFrame,
  lowerBatchMoments,
  lowerBatchNormalizationInputGrad,
  lowerBatchNormalize,
  lowerBatchNormInputGrad,
  lowerBatchNormSums,
} from "./training/norm.ts";
import {
  lowerBroadcast,
  lowerChannelSums,
  lowerCropping,
  lowerGateGrad,
  lowerMaxGrad,
  lowerPick,
} from "./training/shape.ts";

/** The ops of training graphs, including those of models from files, with their kernels and lowerings. */
export const trainingExtension: Extension = {
  ops: { ...importedExtension.ops, ...(trainingOps as Ops) },
  kernels: trainingKernels,
  lowerings: new Map([
    ...importedExtension.lowerings,
    entry(activationGrad, lowerActivationGrad),
    entry(batchMoments, lowerBatchMoments, { frame: anyFrame, strided: "always" }),
    entry(batchNormInputGrad, lowerBatchNormInputGrad, { frame: anyFrame }),
    entry(batchNormSums, lowerBatchNormSums, { frame: anyFrame, strided: "always" }),
    entry(batchNormalizationInputGrad, lowerBatchNormalizationInputGrad),
    entry(batchNormalize, lowerBatchNormalize, { frame: anyFrame }),
    entry(broadcast, lowerBroadcast),
    entry(channelSums, lowerChannelSums),
    entry(conv2dInputGrad, lowerConv2dInputGrad),
    entry(conv2dKernelGrad, lowerConv2dKernelGrad, { frame: conv2dKernelGradFrame, strided: "always" }),
    entry(cropping2d, lowerCropping),
    entry(denseInputGrad, lowerDenseInputGrad),
    entry(denseKernelGrad, lowerDenseKernelGrad),
    entry(depthwiseConv2dInputGrad, lowerDepthwiseInputGrad, {
      frame: depthwiseInputGradFrame,
      kernelByChannel: true,
    }),
    entry(depthwiseConv2dKernelGrad, lowerDepthwiseKernelGrad, { frame: depthwiseKernelGradFrame, strided: "always" }),
    entry(globalMaxPooling2dGrad, lowerMaxGrad),
    entry(multiplyGateGrad, lowerGateGrad),
    entry(pick, lowerPick),
  ]),
};
