import type { Builder } from "flatbuffers";
import type { Shape } from "../../tensor.ts";
import {
  BUFFER,
  CODE,
  FILE_IDENTIFIER,
  MAX_DEPRECATED_CODE,
  METADATA,
  METADATA_NAME,
  MODEL,
  OPERATOR,
  OPERATOR_CODE,
  OPTIONS_TYPE,
  type OpName,
  SCHEMA_VERSION,
  SUBGRAPH,
  TENSOR,
  TYPE,
} from "./schema.ts";

/** The subgraph to write. Tensor numbers are indices in `tensors`. */
export interface TfliteFile {
  readonly name: string;
  readonly tensors: readonly FileTensor[];
  readonly operators: readonly FileOperator[];
  readonly input: number;
  readonly outputs: readonly number[];
  readonly metadata: Uint8Array;
}

export interface FileTensor {
  readonly name: string;
  /** Shape; for computed tensors at batch 1, and their first dimension is written as open. */
  readonly shape: Shape;
  /** Numbers of a constant. */
  readonly data?: Float32Array | Int32Array;
}

export interface FileOperator {
  readonly op: OpName;
  readonly inputs: readonly number[];
  readonly output: number;
  /** Fields of the options by number; empty for operators without options. */
  readonly options: readonly Option[];
}

export type Option = readonly [field: number, type: "int8" | "int32" | "float32", value: number];

/** Encodes a file. FlatBuffers are written from the leaves up, because a table needs its offsets. */
export function encode(file: TfliteFile, BuilderClass: typeof Builder): Uint8Array {
  const constants = [...new Set(file.tensors.flatMap(({ data }) => data ?? []))];
  const size = constants.reduce((sum, { byteLength }) => sum + byteLength, file.metadata.length);
  const b = new BuilderClass(size + 256 * (file.tensors.length + file.operators.length) + 4096);

  // By convention buffer 0 is empty, for computed values.
  const contents = [undefined, ...constants, file.metadata];
  const buffers = contents.map((data) => {
    const at = data && alignedBytes(b, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return table(b, () => at && b.addFieldOffset(BUFFER.data, at, 0));
  });
  const bufferOf = new Map(contents.map((data, i) => [data, i]));

  const tensors = file.tensors.map(({ name, shape, data }) => {
    const nameAt = b.createString(name);
    const shapeAt = int32s(b, shape);
    const signatureAt = data ? 0 : int32s(b, [-1, ...shape.slice(1)]);
    return table(b, () => {
      b.addFieldOffset(TENSOR.shape, shapeAt, 0);
      b.addFieldInt8(TENSOR.type, data instanceof Int32Array ? TYPE.int32 : TYPE.float32, 0);
      b.addFieldInt32(TENSOR.buffer, bufferOf.get(data) ?? 0, 0);
      b.addFieldOffset(TENSOR.name, nameAt, 0);
      b.addFieldOffset(TENSOR.shapeSignature, signatureAt, 0);
    });
  });

  const codes = [...new Set(file.operators.map(({ op }) => op))];
  const operators = file.operators.map(({ op, inputs, output, options }) => {
    const inputsAt = int32s(b, inputs);
    const outputsAt = int32s(b, [output]);
    const optionsType = OPTIONS_TYPE[op] ?? 0;
    const optionsAt = optionsType && table(b, () => addOptions(b, options));
    return table(b, () => {
      b.addFieldInt32(OPERATOR.code, codes.indexOf(op), 0);
      b.addFieldOffset(OPERATOR.inputs, inputsAt, 0);
      b.addFieldOffset(OPERATOR.outputs, outputsAt, 0);
      b.addFieldInt8(OPERATOR.optionsType, optionsType, 0);
      b.addFieldOffset(OPERATOR.options, optionsAt, 0);
    });
  });

  const tensorsAt = offsets(b, tensors);
  const inputsAt = int32s(b, [file.input]);
  const outputsAt = int32s(b, file.outputs);
  const operatorsAt = offsets(b, operators);
  const nameAt = b.createString(file.name);
  const subgraph = table(b, () => {
    b.addFieldOffset(SUBGRAPH.tensors, tensorsAt, 0);
    b.addFieldOffset(SUBGRAPH.inputs, inputsAt, 0);
    b.addFieldOffset(SUBGRAPH.outputs, outputsAt, 0);
    b.addFieldOffset(SUBGRAPH.operators, operatorsAt, 0);
    b.addFieldOffset(SUBGRAPH.name, nameAt, 0);
  });

  const operatorCodes = codes.map((op) =>
    table(b, () => {
      b.addFieldInt8(OPERATOR_CODE.deprecatedCode, Math.min(CODE[op], MAX_DEPRECATED_CODE), 0);
      b.addFieldInt32(OPERATOR_CODE.version, 1, 0);
      b.addFieldInt32(OPERATOR_CODE.code, CODE[op], 0);
    }),
  );
  const metadataNameAt = b.createString(METADATA_NAME);
  const metadata = table(b, () => {
    b.addFieldOffset(METADATA.name, metadataNameAt, 0);
    b.addFieldInt32(METADATA.buffer, buffers.length - 1, 0);
  });
  const descriptionAt = b.createString("written by mobilenets");
  const [codesAt, subgraphsAt, buffersAt, metadataAt] = [operatorCodes, [subgraph], buffers, [metadata]].map((list) =>
    offsets(b, list),
  );
  const root = table(b, () => {
    b.addFieldInt32(MODEL.version, SCHEMA_VERSION, 0);
    b.addFieldOffset(MODEL.operatorCodes, codesAt, 0);
    b.addFieldOffset(MODEL.subgraphs, subgraphsAt, 0);
    b.addFieldOffset(MODEL.description, descriptionAt, 0);
    b.addFieldOffset(MODEL.buffers, buffersAt, 0);
    b.addFieldOffset(MODEL.metadata, metadataAt, 0);
  });
  b.finish(root, FILE_IDENTIFIER);
  return b.asUint8Array().slice();
}

/** Most fields of a table, more than ours have; unused ones cost nothing. */
const MAX_FIELDS = 8;

function table(b: Builder, fill: () => void): number {
  b.startObject(MAX_FIELDS);
  fill();
  return b.endObject();
}

function addOptions(b: Builder, options: readonly Option[]): void {
  for (const [field, type, value] of options) {
    if (type === "int8") b.addFieldInt8(field, value, 0);
    else if (type === "int32") b.addFieldInt32(field, value, 0);
    else b.addFieldFloat32(field, value, 0);
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

/** Writes bytes at a multiple of 16, because runtimes read weights in place. */
function alignedBytes(b: Builder, values: Uint8Array): number {
  b.prep(16, values.length);
  return b.createByteVector(values);
}
