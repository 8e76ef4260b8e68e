import type { Shape, TensorData } from "../tensor.ts";

/** What the elements of a kind of number take, and hold. */
interface DataTypeInfo {
  readonly bytes: number;
  /** The least and the largest finite number. */
  readonly min: number;
  readonly max: number;
  /** Whether the elements are integers: a `Quantization` makes reals of them. Floats are reals already. */
  readonly integer: boolean;
  /** The array that holds a tensor of this type. For float16 it holds the bits, as not every host has such numbers. */
  readonly array: {
    new (length: number): TensorData;
    new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): TensorData;
  };
}

const integer = (array: DataTypeInfo["array"], min: number, max: number, bytes: number): DataTypeInfo => ({
  bytes,
  min,
  max,
  integer: true,
  array,
});

const float = (array: DataTypeInfo["array"], max: number, bytes: number): DataTypeInfo => ({
  bytes,
  min: -max,
  max,
  integer: false,
  array,
});

/** The kinds of numbers that layers may compute with. IEEE 754 gives the largest floats: (2 - 2^-23) 2^127 of 32 bits. */
export const computedTypes = {
  float32: float(Float32Array, (2 - 2 ** -23) * 2 ** 127, 4),
  int8: integer(Int8Array, -128, 127, 1),
  uint8: integer(Uint8Array, 0, 255, 1),
  int32: integer(Int32Array, -(2 ** 31), 2 ** 31 - 1, 4),
} satisfies Record<string, DataTypeInfo>;

/** The kinds of numbers that weights may be stored as: those, and some more. Of 16 bits: (2 - 2^-10) 2^15. */
export const dataTypes = {
  ...computedTypes,
  float16: float(Uint16Array, 65504, 2),
  int16: integer(Int16Array, -(2 ** 15), 2 ** 15 - 1, 2),
} satisfies Record<string, DataTypeInfo>;

/** What weights may be stored as. */
export type StorageType = keyof typeof dataTypes;

/** What layers may compute with. */
export type DataType = keyof typeof computedTypes;

/** How integers stand for reals, in the words of TFLite and StableHLO: real = (stored - zero point) * scale. */
export interface Quantization {
  /** One for the whole value, or one for each index along `axis`. */
  readonly scales: readonly number[];
  /** As many as scales. */
  readonly zeroPoints: readonly number[];
  /**
   * The dimension that several scales count; left out where there is one scale. A depthwise kernel
   * `[kh, kw, channels, multiplier]` counts its two last together: there it is 2.
   */
  readonly axis?: number;
}

/**
 * What a value is. Every value stands for reals: an engine without integer kernels computes with those, whatever they are
 * stored as.
 */
export interface ValueType<D extends StorageType = DataType> {
  /** At batch size 1. */
  readonly shape: Shape;
  /** Left out: float32. */
  readonly dtype?: D;
  /** Integers have one; floats have none. */
  readonly quantization?: Quantization;
}
