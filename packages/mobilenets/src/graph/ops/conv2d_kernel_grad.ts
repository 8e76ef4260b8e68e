import { expectAxes, expectShape } from "../expect.ts";
import type { Op } from "../op.ts";
import { eachTap, type WindowAttrs, windowGeometry } from "../window.ts";

/** Inputs: x [n,h,w,c], dy [n,oh,ow,filters]; result [kh,kw,c,filters]. */
export const conv2dKernelGrad: Op<WindowAttrs> = {
  name: "conv2d_kernel_grad",
  layer: () => "Conv2DKernelGrad",

  shape([x, dy], attrs) {
    expectAxes("conv2d_kernel_grad", "x", x, "[n,h,w,c]");
    const { outHeight, outWidth } = windowGeometry(x[1], x[2], attrs);
    expectShape("conv2d_kernel_grad", "dy", dy, [x[0], outHeight, outWidth, dy[3]]);
    return [...attrs.kernelSize, x[3], dy[3]];
  },

  reference([x, dy], attrs, output) {
    const [, , channels, filters] = output.shape;
    const sums = new Float64Array(output.data.length);
    eachTap(x.shape, attrs, (from, to, tap) => {
      for (let c = 0; c < channels; c++) {
        const row = (tap * channels + c) * filters;
        for (let f = 0; f < filters; f++) sums[row + f] += x.data[from * channels + c] * dy.data[to * filters + f];
      }
    });
    output.data.set(sums);
  },
};
