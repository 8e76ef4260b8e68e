import { type BatchNormalizeAttrs, eachNormalised, expectNorm } from "../batch-norm.ts";
import { expectShape } from "../expect.ts";
import type { Op } from "../op.ts";

/**
 * Gradient of batch norm's training form by x, including the way through the batch's moments. Inputs: dy and x [..., c],
 * moments [2,c], gamma [c], beta [c], sums [2,c] (see `batch_norm_sums`); result dx [..., c].
 */
export const batchNormInputGrad: Op<BatchNormalizeAttrs> = {
  name: "batch_norm_input_grad",
  layer: () => "BatchNormInputGrad",

  shape([dy, x, moments, gamma, beta, sums]) {
    expectShape("batch_norm_input_grad", "dy", dy, x);
    expectNorm("batch_norm_input_grad", x, moments, gamma, beta);
    expectShape("batch_norm_input_grad", "sums", sums, moments);
    return x;
  },

  reference(inputs, attrs, output) {
    const [, x, moments, gamma, , sums] = inputs;
    const channels = gamma.shape[0];
    const rows = x.data.length / channels;
    eachNormalised(inputs, attrs, (i, c, normalised, gradient) => {
      const scale = gamma.data[c] / Math.sqrt(moments.data[channels + c] + attrs.epsilon);
      output.data[i] = scale * (gradient - (sums.data[channels + c] + normalised * sums.data[c]) / rows);
    });
  },
};
