import { GraphError } from "./errors.ts";

/** Sizes from the outermost dimension in; pictures are NHWC: `[batch, height, width, channels]`. */
export type Shape = readonly number[];

/** A dense, row-major array of numbers: the one data type at every boundary of the package. */
export interface Tensor<D extends TensorData = Float32Array> {
  readonly data: D;
  readonly shape: Shape;
  /**
   * A factor per output channel, which in every kernel layout is the innermost dimension or two, or one for all:
   * real = (stored - zero point) * scale. Kernels with a folded batch norm have scales until they are packed, and so do
   * integers as a file stores them; other tensors of files and callers have none.
   */
  readonly scales?: Float64Array;
  /** As many as scales; left out if all are 0. */
  readonly zeroPoints?: Int32Array;
}

/** A tensor of the reference engine: float32 as everywhere, or float64 to see small differences. */
export type FloatTensor = Tensor<Float32Array | Float64Array>;

export type TensorData =
  | BigInt64Array
  | Float32Array
  | Float64Array
  | Int32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** Numbers as a file stores them. */
export type Stored = Tensor<Exclude<TensorData, BigInt64Array>>;

/** The number of elements of a shape; 1 for the empty shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** The real numbers that a stored tensor represents, computed in float64 and rounded once. */
export function realsOf({ data, scales, zeroPoints }: Stored): Float32Array {
  if (!scales) return data instanceof Float32Array ? data : Float32Array.from(data);
  const reals = new Float32Array(data.length);
  for (let row = 0; row < data.length; row += scales.length) {
    for (let c = 0; c < scales.length; c++)
      reals[row + c] = (data[row + c] - (zeroPoints ? zeroPoints[c] : 0)) * scales[c];
  }
  return reals;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** `[1,224,224,3]` */
export function formatShape(shape: Shape): string {
  return `[${shape.join(",")}]`;
}

/**
 * Makes a float32 tensor of `shape` from `data`, or of zeros.
 * @throws GraphError if `data` does not have exactly as many elements as `shape`.
 */
export function tensor(shape: Shape, data?: Float32Array | readonly number[]): Tensor {
  const size = sizeOf(shape);
  const array =
    data === undefined ? new Float32Array(size) : data instanceof Float32Array ? data : Float32Array.from(data);
  if (array.length !== size) {
    throw new GraphError({
      where: "tensor",
      found: `${array.length} numbers`,
      expected: `${size} for shape ${formatShape(shape)}`,
    });
  }
  return { data: array, shape };
}
