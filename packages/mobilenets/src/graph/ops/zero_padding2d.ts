import { GraphError } from "../../errors.ts";
import { formatShape } from "../../tensor.ts";
import { expectInputs, expectPadding } from "../check-attrs.ts";
import type { Op } from "../op.ts";
import type { ExplicitPadding } from "../window.ts";

export interface ZeroPadding2dAttrs {
  /** Pixels of zeros on each side. */
  readonly padding: ExplicitPadding;
}

/** Input: x [n,h,w,c]. */
export const zeroPadding2d: Op<ZeroPadding2dAttrs> = {
  name: "zero_padding2d",
  layer: () => "ZeroPadding2D",
  check({ padding }, inputs) {
    expectInputs("zero_padding2d", inputs, 1);
    expectPadding("zero_padding2d", padding);
  },
  shape([x], { padding: { top, bottom, left, right } }) {
    if (x.length !== 4) {
      throw new GraphError({ where: "zero_padding2d", found: `input ${formatShape(x)}`, expected: "[n,h,w,c]" });
    }
    return [x[0], x[1] + top + bottom, x[2] + left + right, x[3]];
  },
  reference([x], { padding: { top, left } }, output) {
    const [batch, height, width, channels] = x.shape;
    const [, outHeight, outWidth] = output.shape;
    output.data.fill(0);
    for (let n = 0; n < batch; n++) {
      for (let y = 0; y < height; y++) {
        const row = x.data.subarray((n * height + y) * width * channels, (n * height + y + 1) * width * channels);
        output.data.set(row, ((n * outHeight + y + top) * outWidth + left) * channels);
      }
    }
  },

  gradient: ({ attrs: { padding }, dy, add }) => [() => add("cropping2d", [dy], { padding })],
};
