import { activationFunction } from "../activations.ts";
import { type BatchNormalizeAttrs, expectNorm } from "../batch-norm.ts";
import type { Op } from "../op.ts";

export type { BatchNormalizeAttrs };

/**
 * Batch norm's training form. Inputs: x [..., c], its moments [2,c] (see `batch_moments`), gamma [c], beta [c]; result
 * `activation(gamma (x - mean) / sqrt(variance + epsilon) + beta)`.
 */
export const batchNormalize: Op<BatchNormalizeAttrs> = {
  name: "batch_normalize",
  layer: () => "BatchNormalize",

  params([x]) {
    const shape = x.slice(-1);
    return {
      gamma: { shape, trainable: true, init: "ones" },
      beta: { shape, trainable: true, init: "zeros" },
    };
  },

  shape([x, moments, gamma, beta]) {
    expectNorm("batch_normalize", x, moments, gamma, beta);
    return x;
  },

  reference([x, moments, gamma, beta], { epsilon, activation }, output) {
    const channels = gamma.shape[0];
    const f = activationFunction(activation);
    for (let i = 0; i < x.data.length; i++) {
      const c = i % channels;
      const scale = gamma.data[c] / Math.sqrt(moments.data[channels + c] + epsilon);
      output.data[i] = f((x.data[i] - moments.data[c]) * scale + beta.data[c]);
    }
  },

  /** The gradient of x includes the way through the moments, so the moments have none. */
  gradient({ attrs, inputs, dy, add }) {
    let made: string | undefined;
    const sums = () => {
      made ??= add("batch_norm_sums", [dy, ...inputs], attrs);
      return made;
    };
    return [
      () => add("batch_norm_input_grad", [dy, ...inputs, sums()], attrs),
      null,
      () => add("pick", [sums()], { index: 0 }),
      () => add("pick", [sums()], { index: 1 }),
    ];
  },
};
