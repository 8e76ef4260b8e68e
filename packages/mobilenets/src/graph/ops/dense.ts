import { GraphError } from "../../errors.ts";
import { formatShape, sizeOf } from "../../tensor.ts";
import { type Activation, activate } from "../activations.ts";
import { expectActivation, expectFlag, expectInputs, expectWhole } from "../check-attrs.ts";
import { expectLinear } from "../expect.ts";
import type { Op } from "../op.ts";

export interface DenseAttrs {
  readonly units: number;
  readonly useBias: boolean;
  readonly activation: Activation;
}

/** Inputs: x [n,c], kernel [c,units], bias [units] if `useBias`. */
export const dense: Op<DenseAttrs> = {
  name: "dense",
  weighted: true,
  layer: () => "Dense",
  check({ units, useBias, activation }, inputs) {
    expectWhole("dense", "units", units, 1);
    expectFlag("dense", "useBias", useBias);
    expectActivation("dense", activation);
    expectInputs("dense", inputs, 2 + Number(useBias));
  },

  params: ([x], { units, useBias }) => ({
    kernel: { shape: [x[1], units], trainable: true, init: "glorot_uniform" },
    ...(useBias && { bias: { shape: [units], trainable: true, init: "zeros" } as const }),
  }),

  shape([x, kernel], { units }) {
    if (x.length !== 2 || kernel.length !== 2 || kernel[0] !== x[1] || kernel[1] !== units) {
      throw new GraphError({
        where: "dense",
        found: `input ${formatShape(x)} with kernel ${formatShape(kernel)}`,
        expected: `input [n,c] with kernel [c,${units}]`,
      });
    }
    return [x[0], units];
  },

  reference([x, kernel, bias], { units, useBias, activation }, output) {
    const [batch, channels] = x.shape;
    for (let n = 0; n < batch; n++) {
      for (let u = 0; u < units; u++) {
        let sum = useBias ? bias.data[u] : 0;
        for (let c = 0; c < channels; c++) sum += x.data[n * channels + c] * kernel.data[c * units + u];
        output.data[n * units + u] = sum;
      }
    }
    activate(activation, output.data, units);
  },

  gradient({ attrs, inputs: [x, kernel], dy, add }) {
    expectLinear("dense", attrs);
    return [
      () => add("dense_input_grad", [dy, kernel], {}),
      () => add("dense_kernel_grad", [x, dy], {}),
      () => add("channel_sums", [dy], {}),
    ];
  },

  macs: ([x, kernel]) => x[0] * sizeOf(kernel),
};
