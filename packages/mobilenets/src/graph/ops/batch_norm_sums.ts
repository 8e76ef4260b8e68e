import { type BatchNormalizeAttrs, eachNormalised, expectNorm } from "../batch-norm.ts";
import { expectShape } from "../expect.ts";
import type { Op } from "../op.ts";

/**
 * Gradients of batch norm's parameters. Inputs: dy and x [..., c], moments [2,c], gamma [c], beta [c]; result [2,c]: the
 * gradient by gamma, then that by beta.
 */
export const batchNormSums: Op<BatchNormalizeAttrs> = {
  name: "batch_norm_sums",
  layer: () => "BatchNormSums",

  shape([dy, x, moments, gamma, beta]) {
    expectShape("batch_norm_sums", "dy", dy, x);
    expectNorm("batch_norm_sums", x, moments, gamma, beta);
    return moments;
  },

  reference(inputs, attrs, output) {
    const channels = output.shape[1];
    const sums = new Float64Array(2 * channels);
    eachNormalised(inputs, attrs, (_, c, normalised, gradient) => {
      sums[c] += gradient * normalised;
      sums[channels + c] += gradient;
    });
    output.data.set(sums);
  },
};
