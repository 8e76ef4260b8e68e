import type { Shape, TensorData } from "../tensor.ts";

/** Size and range of a number type. */
interface DataTypeInfo {
  readonly bytes: number;
  /** The smallest and the largest finite number. */
  readonly min: number;
  readonly max: number;
  /** Whether the elements are integers, which a `Quantization` maps to real numbers. */
  readonly integer: boolean;
  /** The array type of a tensor. A float16 array holds bits, because not every host has such numbers. */
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

/** The number types that layers may compute with. The largest float32 is (2 - 2^-23) 2^127, by IEEE 754. */
export const computedTypes = {
  float32: float(Float32Array, (2 - 2 ** -23) * 2 ** 127, 4),
  int8: integer(Int8Array, -128, 127, 1),
  uint8: integer(Uint8Array, 0, 255, 1),
  int32: integer(Int32Array, -(2 ** 31), 2 ** 31 - 1, 4),
} satisfies Record<string, DataTypeInfo>;

/** The number types that weights may be stored as: those and more. The largest float16 is (2 - 2^-10) 2^15. */
export const dataTypes = {
  ...computedTypes,
  float16: float(Uint16Array, 65504, 2),
  int16: integer(Int16Array, -(2 ** 15), 2 ** 15 - 1, 2),
} satisfies Record<string, DataTypeInfo>;

/** Name of a number type that weights may be stored as. */
export type StorageType = keyof typeof dataTypes;

/** Name of a number type that layers may compute with. */
export type DataType = keyof typeof computedTypes;

/** How integers represent real numbers, in the terms of TFLite and StableHLO: real = (stored - zero point) * scale. */
export interface Quantization {
  /** One scale for the whole value, or one for each index along `axis`. */
  readonly scales: readonly number[];
  /** One for each scale. */
  readonly zeroPoints: readonly number[];
  /**
   * The dimension of several scales; left out for one scale. A depthwise kernel `[kh, kw, channels, multiplier]` counts its
   * last two dimensions together: its axis is 2.
   */
  readonly axis?: number;
}

/**
 * The type of a value. Every value represents real numbers: an engine without integer kernels computes with them,
 * whatever the storage.
 */
export interface ValueType<D extends StorageType = DataType> {
  /** Shape at batch size 1. */
  readonly shape: Shape;
  /** Number type. Default float32. */
  readonly dtype?: D;
  /** Integers have one; floats have none. */
  readonly quantization?: Quantization;
}
