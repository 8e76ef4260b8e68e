import { expectAxes, expectShape } from "../expect.ts";
import type { Op } from "../op.ts";

/** Inputs: dy and x [n,h,w,c]; result [n,1,1,c]: the sum of dy x over each picture's pixels. */
export const multiplyGateGrad: Op = {
  name: "multiply_gate_grad",
  layer: () => "MultiplyGateGrad",
  shape([dy, x]) {
    expectAxes("multiply_gate_grad", "x", x, "[n,h,w,c]");
    expectShape("multiply_gate_grad", "dy", dy, x);
    return [x[0], 1, 1, x[3]];
  },
  reference([dy, x], _attrs, output) {
    const [, height, width, channels] = x.shape;
    const sums = new Float64Array(output.data.length);
    for (let i = 0; i < x.data.length; i++) {
      sums[Math.floor(i / (height * width * channels)) * channels + (i % channels)] += dy.data[i] * x.data[i];
    }
    output.data.set(sums);
  },
};
