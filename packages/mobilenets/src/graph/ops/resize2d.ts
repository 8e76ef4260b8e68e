import { GraphError } from "../../errors.ts";
import { show } from "../../show.ts";
import { expectInputs, expectWhole } from "../check-attrs.ts";
import { expectAxes } from "../expect.ts";
import type { Op } from "../op.ts";

export interface Resize2dAttrs {
  readonly height: number;
  readonly width: number;
  /** Without antialias, with half-pixel centres: TensorFlow's `tf.image.resize`. */
  readonly interpolation: "nearest" | "bilinear";
}

/** Input: x [n,h,w,c]; result [n,height,width,c]. */
export const resize2d: Op<Resize2dAttrs> = {
  name: "resize2d",
  layer: () => "Resizing",
  check({ height, width, interpolation }, inputs) {
    expectInputs("resize2d", inputs, 1);
    expectWhole("resize2d", "height", height, 1);
    expectWhole("resize2d", "width", width, 1);
    if (interpolation === "nearest" || interpolation === "bilinear") return;
    const found = `interpolation ${show(interpolation)}`;
    throw new GraphError({ where: "resize2d", found, expected: "nearest or bilinear" });
  },
  shape([x], { height, width }) {
    expectAxes("resize2d", "x", x, "[n,h,w,c]");
    return [x[0], height, width, x[3]];
  },
  reference([x], { height, width, interpolation }, output) {
    const [batch, inHeight, inWidth, channels] = x.shape;
    const rows = tapsOf(inHeight, height, interpolation);
    const columns = tapsOf(inWidth, width, interpolation);
    let at = 0;
    for (let n = 0; n < batch; n++) {
      for (const [top, bottom, v] of rows) {
        for (const [left, right, h] of columns) {
          for (let c = 0; c < channels; c++, at++) {
            const pixel = (y: number, column: number) => x.data[((n * inHeight + y) * inWidth + column) * channels + c];
            const upper = pixel(top, left) + (pixel(top, right) - pixel(top, left)) * h;
            const lower = pixel(bottom, left) + (pixel(bottom, right) - pixel(bottom, left)) * h;
            output.data[at] = upper + (lower - upper) * v;
          }
        }
      }
    }
  },
  gradient: ({ attrs, inputs: [x], dy, add }) => [() => add("resize2d_grad", [x, dy], attrs)],
};

/** For each pixel of the result, the two neighbouring input pixels and the distance from the first, 0 to 1. */
export function tapsOf(
  from: number,
  to: number,
  interpolation: string,
): readonly (readonly [number, number, number])[] {
  const scale = Math.fround(from / to);
  return Array.from({ length: to }, (_, i) => {
    const centre = Math.fround(Math.fround(i + 0.5) * scale);
    if (interpolation === "nearest") {
      const nearest = Math.min(Math.floor(centre), from - 1);
      return [nearest, nearest, 0];
    }
    const position = Math.fround(centre - 0.5);
    const floor = Math.floor(position);
    return [Math.max(floor, 0), Math.min(floor + 1, from - 1), position - floor];
  });
}
