import { expectShape } from "../expect.ts";
import type { Op } from "../op.ts";

export interface BatchNormalizationInputGradAttrs {
  readonly epsilon: number;
}

/**
 * Gradient of a batch norm with fixed statistics. Inputs: dy [..., c], then gamma, beta, moving_mean, moving_variance,
 * each [c]; result `dy gamma / sqrt(moving_variance + epsilon)`.
 */
export const batchNormalizationInputGrad: Op<BatchNormalizationInputGradAttrs> = {
  name: "batch_normalization_input_grad",
  layer: () => "BatchNormalizationInputGrad",

  shape([dy, ...params]) {
    for (const p of params) expectShape("batch_normalization_input_grad", "a parameter", p, [dy[dy.length - 1]]);
    return dy;
  },

  reference([dy, gamma, , , variance], { epsilon }, output) {
    const channels = gamma.shape[0];
    for (let i = 0; i < dy.data.length; i++) {
      const c = i % channels;
      output.data[i] = (dy.data[i] * gamma.data[c]) / Math.sqrt(variance.data[c] + epsilon);
    }
  },
};
