import { expectAxes, expectShape } from "../expect.ts";
import type { Op } from "../op.ts";

/** Inputs: dy [n,units], kernel [c,units]; result dx [n,c]. */
export const denseInputGrad: Op = {
  name: "dense_input_grad",
  layer: () => "DenseInputGrad",

  shape([dy, kernel]) {
    expectAxes("dense_input_grad", "kernel", kernel, "[c,units]");
    expectShape("dense_input_grad", "dy", dy, [dy[0], kernel[1]]);
    return [dy[0], kernel[0]];
  },

  reference([dy, kernel], _attrs, output) {
    const [channels, units] = kernel.shape;
    for (let i = 0; i < output.data.length; i++) {
      const n = Math.floor(i / channels);
      let sum = 0;
      for (let u = 0; u < units; u++) sum += dy.data[n * units + u] * kernel.data[(i % channels) * units + u];
      output.data[i] = sum;
    }
  },
};
