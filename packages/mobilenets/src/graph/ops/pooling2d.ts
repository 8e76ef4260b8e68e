import { GraphError } from "../../errors.ts";
import { show } from "../../show.ts";
import { formatShape } from "../../tensor.ts";
import { expectInputs, expectWindow } from "../check-attrs.ts";
import type { Op } from "../op.ts";
import { eachTap, type WindowAttrs, windowGeometry } from "../window.ts";

export interface Pooling2dAttrs extends WindowAttrs {
  readonly kind: "average" | "max";
}

/**
 * Input: x [n,h,w,c]; result: the mean or the maximum of each window. Padding pixels do not count, as in TensorFlow.
 */
export const pooling2d: Op<Pooling2dAttrs> = {
  name: "pooling2d",
  layer: ({ kind }) => (kind === "max" ? "MaxPooling2D" : "AveragePooling2D"),
  check(attrs, inputs) {
    expectInputs("pooling2d", inputs, 1);
    expectWindow("pooling2d", attrs);
    if (attrs.kind !== "average" && attrs.kind !== "max") {
      throw new GraphError({ where: "pooling2d", found: `kind ${show(attrs.kind)}`, expected: "average or max" });
    }
    const [height, width] = attrs.kernelSize;
    const { padding } = attrs;
    if (typeof padding === "string") return;
    // Otherwise a window could lie entirely in the padding.
    if (Math.max(padding.top, padding.bottom) >= height || Math.max(padding.left, padding.right) >= width) {
      throw new GraphError({ where: "pooling2d", found: `padding ${show(padding)}`, expected: "less than the window" });
    }
  },
  shape([x], attrs) {
    if (x.length !== 4) {
      throw new GraphError({ where: "pooling2d", found: `input ${formatShape(x)}`, expected: "[n,h,w,c]" });
    }
    const { outHeight, outWidth } = windowGeometry(x[1], x[2], attrs);
    return [x[0], outHeight, outWidth, x[3]];
  },
  reference([x], attrs, output) {
    const channels = x.shape[3];
    const max = attrs.kind === "max";
    const sums = new Float64Array(output.data.length).fill(max ? -Infinity : 0);
    const counts = new Float64Array(output.data.length / channels);
    eachTap(x.shape, attrs, (from, to) => {
      counts[to]++;
      for (let c = 0; c < channels; c++) {
        const value = x.data[from * channels + c];
        const at = to * channels + c;
        sums[at] = max ? Math.max(sums[at], value) : sums[at] + value;
      }
    });
    for (let i = 0; i < sums.length; i++) output.data[i] = max ? sums[i] : sums[i] / counts[Math.floor(i / channels)];
  },
  gradient: ({ attrs, inputs: [x], output, dy, add }) => [() => add("pooling2d_grad", [x, output, dy], attrs)],
};
