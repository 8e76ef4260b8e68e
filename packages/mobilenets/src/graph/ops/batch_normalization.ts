import { GraphError } from "../../errors.ts";
import { formatShape } from "../../tensor.ts";
import { expectInputs, expectNumber } from "../check-attrs.ts";
import type { Op } from "../op.ts";

export interface BatchNormalizationAttrs {
  /** Added to the variance inside the root. */
  readonly epsilon: number;
  /** Share of the old moving statistics kept in a training step; unused in inference. */
  readonly momentum: number;
  /**
   * The moving variance follows the unbiased estimate of the batch's variance, as in PyTorch; if left out, the biased one,
   * as in Keras 3. The batch itself is always normalised by the biased one.
   */
  readonly unbiased?: true;
}

/**
 * Inputs: x [..., c], then gamma, beta, moving_mean, moving_variance, each [c]. This is the form of inference, and of
 * frozen layers in training, so only x has a gradient.
 */
export const batchNormalization: Op<BatchNormalizationAttrs> = {
  name: "batch_normalization",
  layer: () => "BatchNormalization",
  check({ epsilon, momentum }, inputs) {
    expectInputs("batch_normalization", inputs, 5);
    expectNumber("batch_normalization", "epsilon", epsilon, 0);
    expectNumber("batch_normalization", "momentum", momentum, 0);
  },

  params([x]) {
    const shape = [x[x.length - 1]];
    return {
      gamma: { shape, trainable: true, init: "ones" },
      beta: { shape, trainable: true, init: "zeros" },
      moving_mean: { shape, trainable: false, init: "zeros" },
      moving_variance: { shape, trainable: false, init: "ones" },
    };
  },

  shape([x, ...params]) {
    const channels = x[x.length - 1];
    for (const p of params) {
      if (p.length !== 1 || p[0] !== channels) {
        throw new GraphError({
          where: "batch_normalization",
          found: `a parameter of shape ${formatShape(p)}`,
          expected: `[${channels}] for input ${formatShape(x)}`,
        });
      }
    }
    return x;
  },

  reference([x, gamma, beta, mean, variance], { epsilon }, output) {
    const channels = gamma.shape[0];
    for (let i = 0; i < x.data.length; i++) {
      const c = i % channels;
      const scale = gamma.data[c] / Math.sqrt(variance.data[c] + epsilon);
      output.data[i] = (x.data[i] - mean.data[c]) * scale + beta.data[c];
    }
  },

  gradient: ({ attrs: { epsilon }, inputs: [, ...params], dy, add }) => [
    () => add("batch_normalization_input_grad", [dy, ...params], { epsilon }),
  ],
};
