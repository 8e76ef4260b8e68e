import { expectAxes, expectShape } from "../expect.ts";
import type { Op } from "../op.ts";
import { eachTap, type WindowAttrs, windowGeometry } from "../window.ts";

export interface Conv2dInputGradAttrs extends WindowAttrs {
  /** Height of the convolution's input; the output's size does not determine it if strides skip pixels. */
  readonly height: number;
  readonly width: number;
}

/** Inputs: dy [n,oh,ow,filters], kernel [kh,kw,c,filters]; result dx [n,height,width,c]. */
export const conv2dInputGrad: Op<Conv2dInputGradAttrs> = {
  name: "conv2d_input_grad",
  layer: () => "Conv2DInputGrad",

  shape([dy, kernel], attrs) {
    const { height, width, kernelSize } = attrs;
    expectAxes("conv2d_input_grad", "kernel", kernel, "[kh,kw,c,filters]");
    expectShape("conv2d_input_grad", "kernel", kernel, [...kernelSize, kernel[2], kernel[3]]);
    const { outHeight, outWidth } = windowGeometry(height, width, attrs);
    expectShape("conv2d_input_grad", "dy", dy, [dy[0], outHeight, outWidth, kernel[3]]);
    return [dy[0], height, width, kernel[2]];
  },

  reference([dy, kernel], attrs, output) {
    const [, , channels, filters] = kernel.shape;
    const sums = new Float64Array(output.data.length);
    eachTap(output.shape, attrs, (from, to, tap) => {
      for (let c = 0; c < channels; c++) {
        const row = (tap * channels + c) * filters;
        for (let f = 0; f < filters; f++) {
          sums[from * channels + c] += dy.data[to * filters + f] * kernel.data[row + f];
        }
      }
    });
    output.data.set(sums);
  },
};
