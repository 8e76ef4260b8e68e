import { Builder, ByteBuffer } from "flatbuffers";
import {
  ARITHMETIC_OPTIONS,
  BUFFER,
  CONV_OPTIONS,
  DENSE_OPTIONS,
  DEPTHWISE_OPTIONS,
  FILE_IDENTIFIER,
  METADATA,
  MODEL,
  OPERATOR,
  OPERATOR_CODE,
  OPTIONS_TYPE,
  POOL_OPTIONS,
  QUANTIZATION,
  REDUCER_OPTIONS,
  SOFTMAX_OPTIONS,
  SUBGRAPH,
  TENSOR,
} from "../../../packages/mobilenets/src/weights/tflite/schema.ts";
import { isMembers, type Members, type Tree } from "../fields/tree.ts";

/** The type of a table's field; a schema is a nested table, a schema in a list is a vector of tables. */
type Type = "int8" | "int32" | "float32" | "text" | "bytes" | "int32s" | "int64s" | "float32s" | Schema | [Schema];
type Schema = Readonly<Record<string, readonly [number: number, type: Type]>>;

/** A schema from one of TensorFlow Lite's tables of field numbers and the types of the fields. */
function schema<K extends string>(numbers: Readonly<Record<K, number>>, types: Partial<Record<K, Type>>): Schema {
  return Object.fromEntries(Object.entries<Type>(types as Record<K, Type>).map(([n, t]) => [n, [numbers[n as K], t]]));
}

const window = { padding: "int8", strideW: "int32", strideH: "int32", fused: "int8" } as const;
const dilated = { ...window, dilationW: "int32", dilationH: "int32" } as const;
const options: Readonly<Record<number, Schema>> = {
  [OPTIONS_TYPE.CONV_2D ?? 0]: schema(CONV_OPTIONS, dilated),
  [OPTIONS_TYPE.DEPTHWISE_CONV_2D ?? 0]: schema(DEPTHWISE_OPTIONS, { ...dilated, multiplier: "int32" }),
  [OPTIONS_TYPE.AVERAGE_POOL_2D ?? 0]: schema(POOL_OPTIONS, { ...window, filterW: "int32", filterH: "int32" }),
  [OPTIONS_TYPE.FULLY_CONNECTED ?? 0]: schema(DENSE_OPTIONS, {
    fused: "int8",
    weightsFormat: "int8",
    keepDims: "int8",
  }),
  [OPTIONS_TYPE.SOFTMAX ?? 0]: schema(SOFTMAX_OPTIONS, { beta: "float32" }),
  [OPTIONS_TYPE.ADD ?? 0]: schema(ARITHMETIC_OPTIONS, { fused: "int8" }),
  [OPTIONS_TYPE.MUL ?? 0]: schema(ARITHMETIC_OPTIONS, { fused: "int8" }),
  [OPTIONS_TYPE.MEAN ?? 0]: schema(REDUCER_OPTIONS, { keepDims: "int8" }),
};

const quantization = schema(QUANTIZATION, { scale: "float32s", zeroPoint: "int64s", dimension: "int32" });
const tensor = schema(TENSOR, {
  shape: "int32s",
  type: "int8",
  buffer: "int32",
  name: "text",
  quantization,
  shapeSignature: "int32s",
});
const operator = schema(OPERATOR, { code: "int32", inputs: "int32s", outputs: "int32s", optionsType: "int8" });
const subgraph = schema(SUBGRAPH, {
  tensors: [tensor],
  inputs: "int32s",
  outputs: "int32s",
  operators: [operator],
  name: "text",
});
const model = schema(MODEL, {
  version: "int32",
  operatorCodes: [
    schema(OPERATOR_CODE, { deprecatedCode: "int8", customCode: "text", version: "int32", code: "int32" }),
  ],
  subgraphs: [subgraph],
  description: "text",
  buffers: [schema(BUFFER, { data: "bytes" })],
  metadata: [schema(METADATA, { name: "text", buffer: "int32" })],
});
const OPTIONS_FIELD = OPERATOR.options;

/** Reads a valid TFLite file as a tree of its tables. */
export function readTables(bytes: Uint8Array): Members {
  const file = new ByteBuffer(bytes);
  return tableAt(file, file.readInt32(0), model);
}

function tableAt(file: ByteBuffer, at: number, fields: Schema): Members {
  const place = (number: number) => {
    const offset = file.__offset(at, 4 + 2 * number);
    return offset === 0 ? 0 : at + offset;
  };
  const entries = Object.entries(fields).flatMap(([name, [number, type]]) => {
    const here = place(number);
    return here === 0 ? [] : [[name, valueAt(file, here, type)] as const];
  });
  const table: Members = Object.fromEntries(entries);
  const unionAt = fields === operator ? place(OPTIONS_FIELD) : 0;
  const union = options[table.optionsType as number];
  if (unionAt !== 0 && union) table.options = tableAt(file, file.__indirect(unionAt), union);
  return table;
}

function valueAt(file: ByteBuffer, at: number, type: Type): Tree {
  if (type === "int8") return file.readInt8(at);
  if (type === "int32") return file.readInt32(at);
  if (type === "float32") return file.readFloat32(at);
  if (type === "text") return file.__string(at) as string;
  if (typeof type === "object" && !Array.isArray(type)) return tableAt(file, file.__indirect(at), type as Schema);
  const [start, length] = [file.__vector(at), file.__vector_len(at)];
  if (type === "bytes") return file.bytes().slice(start, start + length);
  const list = <T>(read: (i: number) => T) => Array.from({ length }, (_, i) => read(i));
  if (type === "int32s") return list((i) => file.readInt32(start + 4 * i));
  if (type === "float32s") return list((i) => file.readFloat32(start + 4 * i));
  if (type === "int64s") return list((i) => Number(file.readInt64(start + 8 * i)));
  return list((i) => tableAt(file, file.__indirect(start + 4 * i), (type as [Schema])[0]));
}

/** Writes a tree of tables as a file. */
export function writeTables(tree: Members): Uint8Array {
  const b = new Builder(1 << 16);
  b.finish(writeTable(b, tree, model), FILE_IDENTIFIER);
  return b.asUint8Array().slice();
}

const MAX_FIELDS = 9;

function writeTable(b: Builder, table: Members, fields: Schema): number {
  const parts: (readonly [number: number, type: Type, value: Tree | number])[] = [];
  for (const [name, [number, type]] of Object.entries(fields)) {
    const value = table[name];
    if (value === undefined || value === null) continue;
    const isScalar = type === "int8" || type === "int32" || type === "float32";
    parts.push([number, type, isScalar ? value : writeOutside(b, value, type)]);
  }
  const union = options[table.optionsType as number];
  if (fields === operator && isMembers(table.options) && union) {
    parts.push([OPTIONS_FIELD, union, writeTable(b, table.options, union)]);
  }
  b.startObject(MAX_FIELDS);
  for (const [number, type, value] of parts) {
    // Forced, so that fields with default values are written too.
    b.forceDefaults(true);
    if (type === "int8") b.addFieldInt8(number, int(value, 8), 0);
    else if (type === "int32") b.addFieldInt32(number, int(value, 32), 0);
    else if (type === "float32") b.addFieldFloat32(number, Number(value), 0);
    else b.addFieldOffset(number, value as number, 0);
  }
  return b.endObject();
}

const int = (value: Tree, bits: number) => Number(BigInt.asIntN(bits, whole(value)));

function whole(value: Tree): bigint {
  const number = Math.trunc(Number(value));
  return Number.isFinite(number) ? BigInt(number) : -1n;
}

/** Writes a value outside its table, which has only its offset. */
function writeOutside(b: Builder, value: Tree, type: Type): number {
  if (type === "text") return b.createString(String(value));
  if (type === "bytes") {
    b.prep(16, (value as Uint8Array).length);
    return b.createByteVector(value as Uint8Array);
  }
  if (typeof type === "object" && !Array.isArray(type)) return writeTable(b, value as Members, type as Schema);
  const list = value as Tree[];
  if (Array.isArray(type)) {
    const tables = list.map((item) => writeTable(b, item as Members, type[0]));
    return vector(b, 4, tables, (offset) => b.addOffset(offset));
  }
  if (type === "int64s") return vector(b, 8, list, (item) => b.addInt64(BigInt.asIntN(64, whole(item))));
  if (type === "float32s") return vector(b, 4, list, (item) => b.addFloat32(Number(item)));
  return vector(b, 4, list, (item) => b.addInt32(int(item, 32)));
}

function vector<T>(b: Builder, size: number, items: readonly T[], add: (item: T) => void): number {
  b.startVector(size, items.length, size);
  for (let i = items.length - 1; i >= 0; i--) add(items[i]);
  return b.endVector();
}
