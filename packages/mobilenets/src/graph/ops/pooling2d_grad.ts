import { expectAxes, expectShape } from "../expect.ts";
import type { Op } from "../op.ts";
import { eachTap } from "../window.ts";
import type { Pooling2dAttrs } from "./pooling2d.ts";

/**
 * Inputs: x [n,h,w,c], the pooling's result and its gradient dy; result dx: a mean's dy goes in equal parts to the pixels
 * of its window, a maximum's dy to every pixel with that value.
 */
export const pooling2dGrad: Op<Pooling2dAttrs> = {
  name: "pooling2d_grad",
  layer: () => "Pooling2DGrad",
  shape([x, pooled, dy]) {
    expectAxes("pooling2d_grad", "x", x, "[n,h,w,c]");
    expectShape("pooling2d_grad", "dy", dy, pooled);
    return x;
  },
  reference([x, pooled, dy], attrs, output) {
    const channels = x.shape[3];
    const sums = new Float64Array(output.data.length);
    const counts = new Float64Array(pooled.data.length / channels);
    eachTap(x.shape, attrs, (_from, to) => counts[to]++);
    eachTap(x.shape, attrs, (from, to) => {
      for (let c = 0; c < channels; c++) {
        const [i, j] = [from * channels + c, to * channels + c];
        if (attrs.kind === "average") sums[i] += dy.data[j] / counts[to];
        else if (x.data[i] === pooled.data[j]) sums[i] += dy.data[j];
      }
    });
    output.data.set(sums);
  },
};
