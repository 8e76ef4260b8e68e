import { GraphError } from "../../errors.ts";
import { formatShape, sameShape, sizeOf } from "../../tensor.ts";
import { type Activation, activate } from "../activations.ts";
import { expectActivation, expectFlag, expectInputs, expectWhole, expectWindow } from "../check-attrs.ts";
import { expectLinear } from "../expect.ts";
import type { Op } from "../op.ts";
import { type WindowAttrs, windowGeometry } from "../window.ts";

export interface DepthwiseConv2dAttrs extends WindowAttrs {
  /** Output channels per input channel; output channel `c * depthMultiplier + m` comes from input channel `c`. */
  readonly depthMultiplier: number;
  readonly useBias: boolean;
  readonly activation: Activation;
}

/** Inputs: x [n,h,w,c], depthwise_kernel [kh,kw,c,multiplier], bias [c * multiplier] if `useBias`. */
export const depthwiseConv2d: Op<DepthwiseConv2dAttrs> = {
  name: "depthwise_conv2d",
  weighted: true,
  convolution: true,
  layer: () => "DepthwiseConv2D",
  check(attrs, inputs) {
    const { depthMultiplier, useBias, activation } = attrs;
    expectWindow("depthwise_conv2d", attrs);
    expectWhole("depthwise_conv2d", "depthMultiplier", depthMultiplier, 1);
    expectFlag("depthwise_conv2d", "useBias", useBias);
    expectActivation("depthwise_conv2d", activation);
    expectInputs("depthwise_conv2d", inputs, 2 + Number(useBias));
  },

  params: ([x], { kernelSize, depthMultiplier, useBias }) => ({
    depthwise_kernel: { shape: [...kernelSize, x[3], depthMultiplier], trainable: true, init: "glorot_uniform" },
    ...(useBias && { bias: { shape: [x[3] * depthMultiplier], trainable: true, init: "zeros" } as const }),
  }),

  shape([x, kernel], attrs) {
    const expected = [...attrs.kernelSize, x[3], attrs.depthMultiplier];
    if (x.length !== 4 || !sameShape(kernel, expected)) {
      throw new GraphError({
        where: "depthwise_conv2d",
        found: `input ${formatShape(x)} with kernel ${formatShape(kernel)}`,
        expected: `input [n,h,w,c] with kernel ${formatShape(expected)}`,
      });
    }
    const { outHeight, outWidth } = windowGeometry(x[1], x[2], attrs);
    return [x[0], outHeight, outWidth, x[3] * attrs.depthMultiplier];
  },

  reference(inputs, attrs, output) {
    const [x, kernel] = inputs;
    const bias = attrs.useBias ? inputs[2].data : undefined;
    const [batch, height, width, channels] = x.shape;
    const [kh, kw] = attrs.kernelSize;
    const [sh, sw] = attrs.strides;
    const { outHeight, outWidth, pad } = windowGeometry(height, width, attrs);
    const multiplier = attrs.depthMultiplier;
    let at = 0;
    for (let n = 0; n < batch; n++) {
      for (let oy = 0; oy < outHeight; oy++) {
        for (let ox = 0; ox < outWidth; ox++) {
          for (let c = 0; c < channels; c++) {
            for (let m = 0; m < multiplier; m++, at++) {
              let sum = 0;
              for (let ky = 0; ky < kh; ky++) {
                const y = oy * sh + ky - pad.top;
                if (y < 0 || y >= height) continue;
                for (let kx = 0; kx < kw; kx++) {
                  const xx = ox * sw + kx - pad.left;
                  if (xx < 0 || xx >= width) continue;
                  const value = x.data[((n * height + y) * width + xx) * channels + c];
                  sum += value * kernel.data[((ky * kw + kx) * channels + c) * multiplier + m];
                }
              }
              output.data[at] = sum + (bias ? bias[c * multiplier + m] : 0);
            }
          }
        }
      }
    }
    activate(attrs.activation, output.data, channels * multiplier);
  },

  gradient({ attrs, inputs: [x, kernel], dy, shapeOf, add }) {
    expectLinear("depthwise_conv2d", attrs);
    const { kernelSize, strides, padding } = attrs;
    const window = { kernelSize, strides, padding };
    const [, height, width] = shapeOf(x);
    return [
      () => add("depthwise_conv2d_input_grad", [dy, kernel], { ...window, height, width }),
      () => add("depthwise_conv2d_kernel_grad", [x, dy], { ...window, depthMultiplier: attrs.depthMultiplier }),
      () => add("channel_sums", [dy], {}),
    ];
  },

  macs: ([, kernel], _attrs, output) => output[0] * output[1] * output[2] * sizeOf(kernel),
};
