import { expectAxes, expectShape } from "../expect.ts";
import type { Op } from "../op.ts";

/** Inputs: x [n,c], dy [n,units]; result [c,units]. */
export const denseKernelGrad: Op = {
  name: "dense_kernel_grad",
  layer: () => "DenseKernelGrad",

  shape([x, dy]) {
    expectAxes("dense_kernel_grad", "x", x, "[n,c]");
    expectShape("dense_kernel_grad", "dy", dy, [x[0], dy[1]]);
    return [x[1], dy[1]];
  },

  reference([x, dy], _attrs, output) {
    const [channels, units] = output.shape;
    for (let i = 0; i < output.data.length; i++) {
      const c = Math.floor(i / units);
      let sum = 0;
      for (let n = 0; n < x.shape[0]; n++) sum += x.data[n * channels + c] * dy.data[n * units + (i % units)];
      output.data[i] = sum;
    }
  },
};
