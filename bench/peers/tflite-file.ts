import { Builder } from "flatbuffers";
import type { Shape } from "../../packages/mobilenets/src/tensor.ts";

/** The part of TensorFlow Lite's schema (tensorflow/compiler/mlir/lite/schema/schema.fbs) that the bench needs. */
export interface TfliteModel {
  readonly tensors: { readonly name: string; readonly shape: Shape; readonly data?: Float32Array | Int32Array }[];
  readonly operators: Operator[];
  /** Indices of tensors. */
  readonly inputs: number[];
  readonly outputs: number[];
}

export interface Operator {
  /** BuiltinOperator. */
  readonly code: number;
  readonly inputs: readonly number[];
  readonly output: number;
  /** BuiltinOptions, the tag of a union; 0 for none. */
  readonly type: number;
  /** The union's table: its fields in order, those left off at their defaults. */
  readonly options: readonly Field[];
}

export type Field = readonly [type: "int8" | "int32" | "float32", value: number];

const TENSOR_TYPE = { float32: 0, int32: 2 };
/** The old 8-bit field for operator codes; larger ones stand in the new field only. */
const MAX_DEPRECATED_CODE = 127;

/** FlatBuffers are written from the leaves up: a table's offsets must be known before it. */
export function finish(model: TfliteModel): Uint8Array {
  const b = new Builder(1 << 25);
  const codes = [...new Set(model.operators.map(({ code }) => code))];
  // By convention buffer 0 is empty, for values that are computed.
  const contents = [undefined, ...model.tensors.flatMap(({ data }) => data ?? [])];
  const buffers = contents.map((data) => {
    const at = data && bytes(b, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return table(b, 1, () => at && b.addFieldOffset(0, at, 0));
  });
  const tensors = model.tensors.map(({ name, shape, data }) => {
    const nameAt = b.createString(name);
    const shapeAt = int32s(b, shape);
    return table(b, 4, () => {
      b.addFieldOffset(0, shapeAt, 0);
      b.addFieldInt8(1, data instanceof Int32Array ? TENSOR_TYPE.int32 : TENSOR_TYPE.float32, 0);
      b.addFieldInt32(2, data ? contents.indexOf(data) : 0, 0);
      b.addFieldOffset(3, nameAt, 0);
    });
  });
  const operators = model.operators.map(({ code, inputs, output, type, options }) => {
    const inputsAt = int32s(b, inputs);
    const outputsAt = int32s(b, [output]);
    const optionsAt = type && table(b, options.length, () => addFields(b, options));
    return table(b, 5, () => {
      b.addFieldInt32(0, codes.indexOf(code), 0);
      b.addFieldOffset(1, inputsAt, 0);
      b.addFieldOffset(2, outputsAt, 0);
      b.addFieldInt8(3, type, 0);
      if (optionsAt) b.addFieldOffset(4, optionsAt, 0);
    });
  });
  const subgraphParts = [offsets(b, tensors), int32s(b, model.inputs), int32s(b, model.outputs), offsets(b, operators)];
  const subgraph = table(b, 4, () => {
    for (const [i, at] of subgraphParts.entries()) b.addFieldOffset(i, at, 0);
  });
  const operatorCodes = codes.map((code) =>
    table(b, 4, () => {
      b.addFieldInt8(0, Math.min(code, MAX_DEPRECATED_CODE), 0);
      b.addFieldInt32(2, 1, 0);
      b.addFieldInt32(3, code, 0);
    }),
  );
  const [codesAt, subgraphsAt, buffersAt] = [operatorCodes, [subgraph], buffers].map((list) => offsets(b, list));
  const root = table(b, 5, () => {
    b.addFieldInt32(0, 3, 0);
    b.addFieldOffset(1, codesAt, 0);
    b.addFieldOffset(2, subgraphsAt, 0);
    b.addFieldOffset(4, buffersAt, 0);
  });
  b.finish(root, "TFL3");
  return b.asUint8Array();
}

function table(b: Builder, fields: number, fill: () => void): number {
  b.startObject(fields);
  fill();
  return b.endObject();
}

/** A default of NaN, which no value equals, makes the builder write every field. */
function addFields(b: Builder, fields: readonly Field[]): void {
  for (const [i, [type, value]] of fields.entries()) {
    if (type === "int8") b.addFieldInt8(i, value, Number.NaN);
    else if (type === "int32") b.addFieldInt32(i, value, Number.NaN);
    else b.addFieldFloat32(i, value, Number.NaN);
  }
}

function int32s(b: Builder, values: readonly number[]): number {
  b.startVector(4, values.length, 4);
  for (let i = values.length - 1; i >= 0; i--) b.addInt32(values[i]);
  return b.endVector();
}

function offsets(b: Builder, values: readonly number[]): number {
  b.startVector(4, values.length, 4);
  for (let i = values.length - 1; i >= 0; i--) b.addOffset(values[i]);
  return b.endVector();
}

/** Runtimes read weights in place, so they must be aligned to 16 bytes. */
function bytes(b: Builder, values: Uint8Array): number {
  b.prep(16, values.length);
  return b.createByteVector(values);
}
