import { Builder, type Offset } from "flatbuffers";
import { columnsOf, EMBEDDING, type PartModel, type VectorDtype } from "./columns.ts";

/**
 * The Arrow schema of a part, stored as the value of the key `ARROW:schema`. Parquet has no lists of a fixed size. This
 * schema tells Arrow's readers (pyarrow, pandas, Polars, LanceDB) that the embedding is one.
 * https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
 */
export const ARROW_SCHEMA_KEY = "ARROW:schema";

/** Members of the union `Type` in Arrow's Schema.fbs. */
const INT = 2;
const FLOATING_POINT = 3;
const UTF8 = 5;
const LIST = 12;
const FIXED_SIZE_LIST = 16;
/** Members of the union `MessageHeader` and the enumeration `MetadataVersion` in Message.fbs. */
const SCHEMA = 1;
const V5 = 4;
/** Marker before the length of a message. */
const CONTINUATION = 0xffffffff;

type Type = readonly [kind: number, table: Offset, children?: readonly Offset[]];

export function arrowSchema(model: PartModel): string {
  const b = new Builder(1024);
  const fields = columnsOf(model).map(({ name, kind, required }) => {
    if (kind === "string") return field(b, name, utf8(b), !required);
    if (kind === "integer") return field(b, name, int32(b), !required);
    const element = kind === "strings" ? utf8(b) : float(b, "float32");
    return field(b, name, [LIST, table(b, 0), [field(b, "element", element, false)]], !required);
  });
  const element = field(b, "element", float(b, model.dtype), false);
  const size = table(b, 1, () => b.addFieldInt32(0, model.dim, 0));
  fields.push(field(b, EMBEDDING, [FIXED_SIZE_LIST, size, [element]], true));
  const all = vector(b, fields);
  const schema = table(b, 4, () => b.addFieldOffset(1, all, 0));
  const message = table(b, 5, () => {
    b.addFieldInt16(0, V5, 0);
    b.addFieldInt8(1, SCHEMA, 0);
    b.addFieldOffset(2, schema, 0);
  });
  b.finish(message);
  return encapsulated(b.asUint8Array()).toString("base64");
}

function utf8(b: Builder): Type {
  return [UTF8, table(b, 0)];
}

function int32(b: Builder): Type {
  const type = table(b, 2, () => {
    b.addFieldInt32(0, 32, 0);
    b.addFieldInt8(1, 1, 0);
  });
  return [INT, type];
}

function float(b: Builder, dtype: VectorDtype): Type {
  const precision = dtype === "float16" ? 0 : 1;
  return [FLOATING_POINT, table(b, 1, () => b.addFieldInt16(0, precision, 0))];
}

function field(b: Builder, name: string, [kind, type, children = []]: Type, nullable: boolean): Offset {
  const text = b.createString(name);
  const inner = vector(b, children);
  return table(b, 7, () => {
    b.addFieldOffset(0, text, 0);
    b.addFieldInt8(1, nullable ? 1 : 0, 0);
    b.addFieldInt8(2, kind, 0);
    b.addFieldOffset(3, type, 0);
    b.addFieldOffset(5, inner, 0);
  });
}

function table(b: Builder, fields: number, fill = () => {}): Offset {
  b.startObject(fields);
  fill();
  return b.endObject();
}

function vector(b: Builder, offsets: readonly Offset[]): Offset {
  b.startVector(4, offsets.length, 4);
  for (const offset of offsets.toReversed()) b.addOffset(offset);
  return b.endVector();
}

/** The message after its length, padded to 8 bytes. */
function encapsulated(message: Uint8Array): Buffer {
  const length = Math.ceil(message.length / 8) * 8;
  const bytes = Buffer.alloc(8 + length);
  bytes.writeUInt32LE(CONTINUATION, 0);
  bytes.writeUInt32LE(length, 4);
  bytes.set(message, 8);
  return bytes;
}
