import type { TensorData } from "../../tensor.ts";
import { widenBfloat16, widenFloat16 } from "../containers/half.ts";

/** A dtype of the safetensors format. */
export interface Dtype {
  /** Bytes per element in the file. */
  readonly bytes: number;
  /** Reads `count` elements from byte `offset`, a multiple of `bytes`: a view, or float32 widened from 16 bits. */
  view(buffer: ArrayBufferLike, offset: number, count: number): TensorData;
  /** Whether `view` widens 16 bits to float32. */
  readonly widens: boolean;
}

interface ArrayType {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, offset: number, count: number): TensorData;
}

const viewed = (Type: ArrayType): Dtype => ({
  bytes: Type.BYTES_PER_ELEMENT,
  view: (buffer, offset, count) => new Type(buffer, offset, count),
  widens: false,
});

const widened = (widen: (halves: Uint16Array) => Float32Array): Dtype => ({
  bytes: 2,
  view: (buffer, offset, count) => widen(new Uint16Array(buffer, offset, count)),
  widens: true,
});

/** Dtypes from the widest to the narrowest, the order of tensors in the format's own library. */
export const DTYPES: ReadonlyMap<string, Dtype> = new Map([
  ["I64", viewed(BigInt64Array)],
  ["F64", viewed(Float64Array)],
  ["F32", viewed(Float32Array)],
  ["I32", viewed(Int32Array)],
  ["BF16", widened(widenBfloat16)],
  ["F16", widened(widenFloat16)],
  ["U16", viewed(Uint16Array)],
  ["I16", viewed(Int16Array)],
  ["I8", viewed(Int8Array)],
  ["U8", viewed(Uint8Array)],
]);

const NAMES: Readonly<Record<TensorData[typeof Symbol.toStringTag], string>> = {
  BigInt64Array: "I64",
  Float64Array: "F64",
  Float32Array: "F32",
  Int32Array: "I32",
  Uint16Array: "U16",
  Int16Array: "I16",
  Int8Array: "I8",
  Uint8Array: "U8",
};

/** The dtype of an array. */
export function dtypeOf(data: TensorData): string {
  return NAMES[data[Symbol.toStringTag]];
}
