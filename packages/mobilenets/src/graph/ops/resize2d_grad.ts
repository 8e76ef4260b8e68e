import { expectAxes, expectShape } from "../expect.ts";
import type { Op } from "../op.ts";
import { type Resize2dAttrs, tapsOf } from "./resize2d.ts";

/**
 * Inputs: x [n,h,w,c] and dy, the gradient of its resize; result dx: each dy is split among the pixels it was read from.
 */
export const resize2dGrad: Op<Resize2dAttrs> = {
  name: "resize2d_grad",
  layer: () => "ResizingGrad",
  shape([x, dy], { height, width }) {
    expectAxes("resize2d_grad", "x", x, "[n,h,w,c]");
    expectShape("resize2d_grad", "dy", dy, [x[0], height, width, x[3]]);
    return x;
  },
  reference([x, dy], { height, width, interpolation }, output) {
    const [batch, inHeight, inWidth, channels] = x.shape;
    const rows = tapsOf(inHeight, height, interpolation);
    const columns = tapsOf(inWidth, width, interpolation);
    const sums = new Float64Array(output.data.length);
    let at = 0;
    for (let n = 0; n < batch; n++) {
      for (const [top, bottom, v] of rows) {
        for (const [left, right, h] of columns) {
          for (let c = 0; c < channels; c++, at++) {
            const give = (y: number, column: number, part: number) => {
              sums[((n * inHeight + y) * inWidth + column) * channels + c] += dy.data[at] * part;
            };
            give(top, left, (1 - v) * (1 - h));
            give(top, right, (1 - v) * h);
            give(bottom, left, v * (1 - h));
            give(bottom, right, v * h);
          }
        }
      }
    }
    output.data.set(sums);
  },
};
