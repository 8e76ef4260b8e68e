import { expectAxes, expectShape } from "../expect.ts";
import type { Op } from "../op.ts";
import { eachTap, windowGeometry } from "../window.ts";
import type { Conv2dInputGradAttrs } from "./conv2d_input_grad.ts";

/** Inputs: dy [n,oh,ow,c * multiplier], kernel [kh,kw,c,multiplier]; result dx [n,height,width,c]. */
export const depthwiseConv2dInputGrad: Op<Conv2dInputGradAttrs> = {
  name: "depthwise_conv2d_input_grad",
  layer: () => "DepthwiseConv2DInputGrad",

  shape([dy, kernel], attrs) {
    const { height, width, kernelSize } = attrs;
    expectAxes("depthwise_conv2d_input_grad", "kernel", kernel, "[kh,kw,c,multiplier]");
    expectShape("depthwise_conv2d_input_grad", "kernel", kernel, [...kernelSize, kernel[2], kernel[3]]);
    const { outHeight, outWidth } = windowGeometry(height, width, attrs);
    expectShape("depthwise_conv2d_input_grad", "dy", dy, [dy[0], outHeight, outWidth, kernel[2] * kernel[3]]);
    return [dy[0], height, width, kernel[2]];
  },

  reference([dy, kernel], attrs, output) {
    const [, , channels, multiplier] = kernel.shape;
    const filters = channels * multiplier;
    const sums = new Float64Array(output.data.length);
    eachTap(output.shape, attrs, (from, to, tap) => {
      for (let f = 0; f < filters; f++) {
        sums[from * channels + Math.floor(f / multiplier)] +=
          dy.data[to * filters + f] * kernel.data[tap * filters + f];
      }
    });
    output.data.set(sums);
  },
};
