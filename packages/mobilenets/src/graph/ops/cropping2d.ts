import { GraphError } from "../../errors.ts";
import { formatShape } from "../../tensor.ts";
import { expectInputs, expectPadding } from "../check-attrs.ts";
import { expectAxes } from "../expect.ts";
import type { Op } from "../op.ts";
import type { ZeroPadding2dAttrs } from "./zero_padding2d.ts";

/** Input: x [n,h,w,c]; result: x without `padding` pixels at its edges. */
export const cropping2d: Op<ZeroPadding2dAttrs> = {
  name: "cropping2d",
  layer: () => "Cropping2D",
  check({ padding }, inputs) {
    expectInputs("cropping2d", inputs, 1);
    expectPadding("cropping2d", padding);
  },
  shape([x], { padding: { top, bottom, left, right } }) {
    expectAxes("cropping2d", "x", x, "[n,h,w,c]");
    const height = x[1] - top - bottom;
    const width = x[2] - left - right;
    if (height < 1 || width < 1) {
      throw new GraphError({ where: "cropping2d", found: `nothing left of ${formatShape(x)}` });
    }
    return [x[0], height, width, x[3]];
  },
  reference([x], { padding: { top, left } }, output) {
    const [, inHeight, inWidth] = x.shape;
    const [batch, height, width, channels] = output.shape;
    for (let row = 0; row < batch * height; row++) {
      const from = (Math.floor(row / height) * inHeight + (row % height) + top) * inWidth + left;
      output.data.set(x.data.subarray(from * channels, (from + width) * channels), row * width * channels);
    }
  },
  gradient: ({ attrs: { padding }, dy, add }) => [() => add("zero_padding2d", [dy], { padding })],
};
