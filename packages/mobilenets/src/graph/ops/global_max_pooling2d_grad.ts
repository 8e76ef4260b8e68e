import { expectAxes, expectShape } from "../expect.ts";
import type { Op } from "../op.ts";

/**
 * Inputs: x [n,h,w,c], its maxima and their gradient dy, both [n,c] or [n,1,1,c]; result dx [n,h,w,c]: dy where x is the
 * maximum, otherwise 0.
 */
export const globalMaxPooling2dGrad: Op = {
  name: "global_max_pooling2d_grad",
  layer: () => "GlobalMaxPooling2DGrad",
  shape([x, pooled, dy]) {
    expectAxes("global_max_pooling2d_grad", "x", x, "[n,h,w,c]");
    expectShape("global_max_pooling2d_grad", "dy", dy, pooled.length === 2 ? [x[0], x[3]] : [x[0], 1, 1, x[3]]);
    expectShape("global_max_pooling2d_grad", "the maxima", pooled, dy);
    return x;
  },
  reference([x, pooled, dy], _attrs, output) {
    const [, height, width, channels] = x.shape;
    for (let i = 0; i < x.data.length; i++) {
      const at = Math.floor(i / (height * width * channels)) * channels + (i % channels);
      output.data[i] = x.data[i] === pooled.data[at] ? dy.data[at] : 0;
    }
  },
};
