import { importedOps } from "../../graph/imported-ops.ts";
import { concatenate } from "../../graph/ops/concatenate.ts";
import { cropping2d } from "../../graph/ops/cropping2d.ts";
import { layerNormalization } from "../../graph/ops/layer_normalization.ts";
import { logSoftmax } from "../../graph/ops/log_softmax.ts";
import { logSoftmaxGrad } from "../../graph/ops/log_softmax_grad.ts";
import { normalizeRows } from "../../graph/ops/normalize_rows.ts";
import { normalizeRowsGrad } from "../../graph/ops/normalize_rows_grad.ts";
import { pooling2d } from "../../graph/ops/pooling2d.ts";
import { pooling2dGrad } from "../../graph/ops/pooling2d_grad.ts";
import { resize2d } from "../../graph/ops/resize2d.ts";
import { resize2dGrad } from "../../graph/ops/resize2d_grad.ts";
import { sliceChannels } from "../../graph/ops/slice_channels.ts";
import { unary } from "../../graph/ops/unary.ts";
import { unaryGrad } from "../../graph/ops/unary_grad.ts";
import type { Ops } from "../../graph/ops.ts";
import { trainingKernels } from "../../kernels/training/table.ts";
import type { Extension } from "../extension.ts";
import { entry } from "../lower.ts";
import {
  lowerConcatenate,
  lowerPooling,
  lowerPoolingGrad,
  lowerResize,
  lowerResizeGrad,
  lowerSliceChannels,
} from "./imported/maps.ts";
import {
  lowerLayerNormalization,
  lowerLogSoftmax,
  lowerLogSoftmaxGrad,
  lowerNormalizeRows,
  lowerNormalizeRowsGrad,
  lowerUnary,
  lowerUnaryGrad,
} from "./imported/rows.ts";
import { lowerCropping } from "./training/shape.ts";

/** The ops that only models from files have. Their kernels are in the training module. */
export const importedExtension: Extension = {
  ops: importedOps as Ops,
  kernels: trainingKernels,
  lowerings: new Map([
    entry(concatenate, lowerConcatenate),
    entry(cropping2d, lowerCropping),
    entry(layerNormalization, lowerLayerNormalization),
    entry(logSoftmax, lowerLogSoftmax),
    entry(logSoftmaxGrad, lowerLogSoftmaxGrad),
    entry(normalizeRows, lowerNormalizeRows),
    entry(normalizeRowsGrad, lowerNormalizeRowsGrad),
    entry(pooling2d, lowerPooling),
    entry(pooling2dGrad, lowerPoolingGrad),
    entry(resize2d, lowerResize),
    entry(resize2dGrad, lowerResizeGrad),
    entry(sliceChannels, lowerSliceChannels),
    entry(unary, lowerUnary),
    entry(unaryGrad, lowerUnaryGrad),
  ]),
};
