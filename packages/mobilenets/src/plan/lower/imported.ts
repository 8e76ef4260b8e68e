import { enableImportedOps } from "../../graph/imported-ops.ts";
import { concatenate } from "../../graph/ops/concatenate.ts";
import { cropping2d } from "../../graph/ops/cropping2d.ts";
import { layerNormalization } from "../../graph/ops/layer_normalization.ts";
import { normalizeRows } from "../../graph/ops/normalize_rows.ts";
import { normalizeRowsGrad } from "../../graph/ops/normalize_rows_grad.ts";
import { pooling2d } from "../../graph/ops/pooling2d.ts";
import { pooling2dGrad } from "../../graph/ops/pooling2d_grad.ts";
import { resize2d } from "../../graph/ops/resize2d.ts";
import { sliceChannels } from "../../graph/ops/slice_channels.ts";
import { unary } from "../../graph/ops/unary.ts";
import { unaryGrad } from "../../graph/ops/unary_grad.ts";
import { importedSignatures } from "../../kernels/imported/signatures.ts";
import { addKernels } from "../../kernels/signatures.ts";
import { trainingSignatures } from "../../kernels/training/signatures.ts";
import { addLowerings, entry } from "../lower.ts";
import { lowerConcatenate, lowerPooling, lowerPoolingGrad, lowerResize, lowerSliceChannels } from "./imported/maps.ts";
import {
  lowerLayerNormalization,
  lowerNormalizeRows,
  lowerNormalizeRowsGrad,
  lowerUnary,
  lowerUnaryGrad,
} from "./imported/rows.ts";
import { lowerCropping } from "./training/shape.ts";

/**
 * Makes graphs, planner and modules know the ops that only models from files have. Their kernels stand behind those of
 * training, in the same modules. Calling it twice is harmless.
 */
export function enableImported(): void {
  enableImportedOps();
  addKernels(trainingSignatures);
  addKernels(importedSignatures);
  addLowerings([
    entry(concatenate, lowerConcatenate),
    entry(cropping2d, lowerCropping),
    entry(layerNormalization, lowerLayerNormalization),
    entry(normalizeRows, lowerNormalizeRows),
    entry(normalizeRowsGrad, lowerNormalizeRowsGrad),
    entry(pooling2d, lowerPooling),
    entry(pooling2dGrad, lowerPoolingGrad),
    entry(resize2d, lowerResize),
    entry(sliceChannels, lowerSliceChannels),
    entry(unary, lowerUnary),
    entry(unaryGrad, lowerUnaryGrad),
  ]);
}
