import { concatenate } from "./ops/concatenate.ts";
import { cropping2d } from "./ops/cropping2d.ts";
import { layerNormalization } from "./ops/layer_normalization.ts";
import { logSoftmax } from "./ops/log_softmax.ts";
import { logSoftmaxGrad } from "./ops/log_softmax_grad.ts";
import { normalizeRows } from "./ops/normalize_rows.ts";
import { normalizeRowsGrad } from "./ops/normalize_rows_grad.ts";
import { pooling2d } from "./ops/pooling2d.ts";
import { pooling2dGrad } from "./ops/pooling2d_grad.ts";
import { resize2d } from "./ops/resize2d.ts";
import { resize2dGrad } from "./ops/resize2d_grad.ts";
import { sliceChannels } from "./ops/slice_channels.ts";
import { unary } from "./ops/unary.ts";
import { unaryGrad } from "./ops/unary_grad.ts";

/**
 * Ops of models from files that no MobileNet has, by name, such as layers of a head and layers that resize, with the ops
 * of their gradients.
 */
export const importedOps = {
  concatenate: concatenate,
  cropping2d: cropping2d,
  layer_normalization: layerNormalization,
  log_softmax: logSoftmax,
  log_softmax_grad: logSoftmaxGrad,
  normalize_rows: normalizeRows,
  normalize_rows_grad: normalizeRowsGrad,
  pooling2d: pooling2d,
  pooling2d_grad: pooling2dGrad,
  resize2d: resize2d,
  resize2d_grad: resize2dGrad,
  slice_channels: sliceChannels,
  unary: unary,
  unary_grad: unaryGrad,
} as const;
