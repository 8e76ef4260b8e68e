import { GraphError } from "./errors.ts";

/** Sizes from the outermost dimension in; pictures are NHWC: `[batch, height, width, channels]`. */
export type Shape = readonly number[];

/** A dense, row-major array of numbers: the one data type that crosses every boundary of the package. */
export interface Tensor<D extends TensorData = Float32Array> {
  readonly data: D;
  readonly shape: Shape;
  /**
   * A factor for each index of the innermost dimensions, which in every kernel layout together count the output channels, or
   * one for all: real = (stored - zero point) * scale. Kernels into which a batch norm is folded have them until they are
   * packed, and integers as a file stores them; other tensors of files and callers have none.
   */
  readonly scales?: Float64Array;
  /** As many as scales; left out where all are 0. */
  readonly zeroPoints?: Int32Array;
}

/** What the reference engine computes with: float32 as everywhere, or float64 to see small differences. */
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

/** How many elements a shape holds; 1 for the empty shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** The reals that a tensor stands for: computed in float64, rounded once. */
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
 * A float32 tensor of `shape`, over `data` if given, else zeros.
 * @throws GraphError if `data` does not have exactly as many elements as `shape` asks for.
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
