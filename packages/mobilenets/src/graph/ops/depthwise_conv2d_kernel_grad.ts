import { expectAxes, expectShape } from "../expect.ts";
import type { Op } from "../op.ts";
import { eachTap, type WindowAttrs, windowGeometry } from "../window.ts";

export interface DepthwiseConv2dKernelGradAttrs extends WindowAttrs {
  readonly depthMultiplier: number;
}

/** Inputs: x [n,h,w,c], dy [n,oh,ow,c * multiplier]; result [kh,kw,c,multiplier]. */
export const depthwiseConv2dKernelGrad: Op<DepthwiseConv2dKernelGradAttrs> = {
  name: "depthwise_conv2d_kernel_grad",
  layer: () => "DepthwiseConv2DKernelGrad",

  shape([x, dy], attrs) {
    expectAxes("depthwise_conv2d_kernel_grad", "x", x, "[n,h,w,c]");
    const { outHeight, outWidth } = windowGeometry(x[1], x[2], attrs);
    expectShape("depthwise_conv2d_kernel_grad", "dy", dy, [x[0], outHeight, outWidth, x[3] * attrs.depthMultiplier]);
    return [...attrs.kernelSize, x[3], attrs.depthMultiplier];
  },

  reference([x, dy], attrs, output) {
    const channels = x.shape[3];
    const filters = channels * attrs.depthMultiplier;
    const sums = new Float64Array(output.data.length);
    eachTap(x.shape, attrs, (from, to, tap) => {
      for (let f = 0; f < filters; f++) {
        const c = Math.floor(f / attrs.depthMultiplier);
        sums[tap * filters + f] += x.data[from * channels + c] * dy.data[to * filters + f];
      }
    });
    output.data.set(sums);
  },
};
