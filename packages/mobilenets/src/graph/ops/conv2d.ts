import { GraphError } from "../../errors.ts";
import { formatShape, sameShape, sizeOf } from "../../tensor.ts";
import { type Activation, activate } from "../activations.ts";
import { expectActivation, expectFlag, expectInputs, expectWhole, expectWindow } from "../check-attrs.ts";
import { expectLinear } from "../expect.ts";
import type { Op } from "../op.ts";
import { type WindowAttrs, windowGeometry } from "../window.ts";

export interface Conv2dAttrs extends WindowAttrs {
  readonly filters: number;
  readonly useBias: boolean;
  /** Applied last, after bias and residual. */
  readonly activation: Activation;
  /** Adds a last input of the output's shape after the bias; a pass sets it, never a builder. */
  readonly residual?: boolean;
}

type Numbers = Float32Array | Float64Array;

/**
 * Adds the product of a row vector, `x` from an offset on, and a matrix to `sums`. It takes four rows at a time, because
 * reading and writing the sums takes most of the time; each sum adds its terms in the order of the rows.
 */
function addProduct(sums: Float64Array, x: Numbers, from: number, rows: number, matrix: Numbers, start: number): void {
  const columns = sums.length;
  let at = start;
  let row = 0;
  for (; row + 4 <= rows; row += 4, at += 4 * columns) {
    const [a, b, c, d] = [x[from + row], x[from + row + 1], x[from + row + 2], x[from + row + 3]];
    for (let i = 0; i < columns; i++) {
      const here = at + i;
      sums[i] =
        sums[i] +
        a * matrix[here] +
        b * matrix[here + columns] +
        c * matrix[here + 2 * columns] +
        d * matrix[here + 3 * columns];
    }
  }
  for (; row < rows; row++, at += columns) {
    const value = x[from + row];
    for (let i = 0; i < columns; i++) sums[i] += value * matrix[at + i];
  }
}

/** Inputs: x [n,h,w,c], kernel [kh,kw,c,filters] (HWIO), bias [filters] if `useBias`, residual if `residual`. */
export const conv2d: Op<Conv2dAttrs> = {
  name: "conv2d",
  weighted: true,
  convolution: true,
  layer: () => "Conv2D",
  check(attrs, inputs) {
    const { filters, useBias, activation, residual } = attrs;
    expectWindow("conv2d", attrs);
    expectWhole("conv2d", "filters", filters, 1);
    expectFlag("conv2d", "useBias", useBias);
    expectFlag("conv2d", "residual", residual, true);
    expectActivation("conv2d", activation);
    expectInputs("conv2d", inputs, 2 + Number(useBias) + Number(residual ?? false));
  },

  params: ([x], { kernelSize, filters, useBias }) => ({
    kernel: { shape: [...kernelSize, x[3], filters], trainable: true, init: "glorot_uniform" },
    ...(useBias && { bias: { shape: [filters], trainable: true, init: "zeros" } as const }),
  }),

  shape([x, kernel, ...rest], attrs) {
    const expected = [...attrs.kernelSize, x[3], attrs.filters];
    if (x.length !== 4 || !sameShape(kernel, expected)) {
      throw new GraphError({
        where: "conv2d",
        found: `input ${formatShape(x)} with kernel ${formatShape(kernel)}`,
        expected: `input [n,h,w,c] with kernel ${formatShape(expected)}`,
      });
    }
    const { outHeight, outWidth } = windowGeometry(x[1], x[2], attrs);
    const shape = [x[0], outHeight, outWidth, attrs.filters];
    if (attrs.residual && !sameShape(rest[rest.length - 1], shape)) {
      throw new GraphError({
        where: "conv2d",
        found: `residual ${formatShape(rest[rest.length - 1])}`,
        expected: formatShape(shape),
      });
    }
    return shape;
  },

  reference(inputs, attrs, output) {
    const [x, kernel] = inputs;
    const bias = attrs.useBias ? inputs[2].data : undefined;
    const residual = attrs.residual ? inputs[inputs.length - 1].data : undefined;
    const [batch, height, width, channels] = x.shape;
    const [kh, kw] = attrs.kernelSize;
    const [sh, sw] = attrs.strides;
    const { outHeight, outWidth, pad } = windowGeometry(height, width, attrs);
    const filters = attrs.filters;
    const sums = new Float64Array(filters);
    let at = 0;
    for (let n = 0; n < batch; n++) {
      for (let oy = 0; oy < outHeight; oy++) {
        for (let ox = 0; ox < outWidth; ox++) {
          sums.fill(0);
          for (let ky = 0; ky < kh; ky++) {
            const y = oy * sh + ky - pad.top;
            if (y < 0 || y >= height) continue;
            for (let kx = 0; kx < kw; kx++) {
              const xx = ox * sw + kx - pad.left;
              if (xx < 0 || xx >= width) continue;
              const from = ((n * height + y) * width + xx) * channels;
              addProduct(sums, x.data, from, channels, kernel.data, (ky * kw + kx) * channels * filters);
            }
          }
          for (let f = 0; f < filters; f++, at++) {
            output.data[at] = sums[f] + (bias ? bias[f] : 0) + (residual ? residual[at] : 0);
          }
        }
      }
    }
    activate(attrs.activation, output.data, filters);
  },

  gradient({ attrs, inputs: [x, kernel], dy, shapeOf, add }) {
    expectLinear("conv2d", attrs);
    const { kernelSize, strides, padding } = attrs;
    const window = { kernelSize, strides, padding };
    const [, height, width] = shapeOf(x);
    return [
      () => add("conv2d_input_grad", [dy, kernel], { ...window, height, width }),
      () => add("conv2d_kernel_grad", [x, dy], window),
      () => add("channel_sums", [dy], {}),
    ];
  },

  macs: ([, kernel], _attrs, output) => output[0] * output[1] * output[2] * sizeOf(kernel),
};
