import { GraphError } from "../errors.ts";
import { type FloatTensor, formatShape, type Shape } from "../tensor.ts";

export interface GlobalPoolAttrs {
  /** Keeps height and width as 1, so that convolutions can follow. */
  readonly keepdims: boolean;
}

/** @throws GraphError unless the input is [n,h,w,c] */
export function globalPoolShape([x]: readonly Shape[], { keepdims }: GlobalPoolAttrs): Shape {
  if (x.length !== 4) {
    throw new GraphError({ where: "global pooling", found: `input ${formatShape(x)}`, expected: "[n,h,w,c]" });
  }
  return keepdims ? [x[0], 1, 1, x[3]] : [x[0], x[3]];
}

/** Reduces each channel of each picture of x [n,h,w,c] to one number of output [n,c]. */
export function eachChannel(x: FloatTensor, output: FloatTensor, reduce: (values: Float64Array) => number): void {
  const [batch, height, width, channels] = x.shape;
  const values = new Float64Array(height * width);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < values.length; p++) values[p] = x.data[(n * values.length + p) * channels + c];
      output.data[n * channels + c] = reduce(values);
    }
  }
}
