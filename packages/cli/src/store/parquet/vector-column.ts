import type { AsyncBuffer, ColumnChunk, ColumnMetaData } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { Encodings, PageTypes } from "hyparquet/src/constants.js";
import type { Writer } from "hyparquet-writer";
import { serializeTCompactProtocol } from "hyparquet-writer/src/thrift.js";
import { narrowFloat16, widenFloat16 } from "mobilenets/weights";
import { EMBEDDING, type VectorDtype } from "./columns.ts";

/**
 * The column of embeddings, as one page of plain numbers. The library writes and reads a list value by value, which
 * takes seconds for a thousand vectors. This file moves them as blocks. Every Parquet reader reads the column. The
 * library reads columns of other programs.
 */
const PATH = [EMBEDDING, "list", "element"];

/** Definition level of a value. The levels below mean an empty list, or null. */
const PRESENT = 2;
const NULL = 0;

/** @param vectors of `dim` numbers each; undefined for a picture that has none */
export function writeVectors(
  writer: Writer,
  vectors: readonly (Float32Array | undefined)[],
  dim: number,
  dtype: VectorDtype,
): ColumnChunk {
  const start = writer.offset;
  const repetition = runs(vectors.flatMap((vector) => (vector ? [run(1, 0), run(dim - 1, 1)] : [run(1, 0)])));
  const definition = runs(vectors.map((vector) => (vector ? run(dim, PRESENT) : run(1, NULL))));
  const there = vectors.filter((vector) => vector !== undefined);
  const nulls = vectors.length - there.length;
  const values = there.length * dim + nulls;
  const data = plain(there, dim, dtype);
  const size = repetition.length + definition.length + data.length;
  serializeTCompactProtocol(writer, {
    field_1: PageTypes.indexOf("DATA_PAGE_V2"),
    field_2: size,
    field_3: size,
    field_8: {
      field_1: values,
      field_2: nulls,
      field_3: vectors.length,
      field_4: Encodings.indexOf("PLAIN"),
      field_5: definition.length,
      field_6: repetition.length,
      field_7: false,
    },
  });
  for (const bytes of [repetition, definition, data]) writer.appendBytes(bytes);
  const length = BigInt(writer.offset - start);
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: dtype === "float32" ? "FLOAT" : "FIXED_LEN_BYTE_ARRAY",
      encodings: ["PLAIN", "RLE"],
      path_in_schema: PATH,
      codec: "UNCOMPRESSED",
      num_values: BigInt(values),
      total_uncompressed_size: length,
      total_compressed_size: length,
      data_page_offset: BigInt(start),
    },
  };
}

/** Position of a column's numbers in the file. */
export interface VectorPlace {
  /** Position of the first byte. */
  readonly offset: number;
  readonly bytes: number;
  /** True for float16, false for float32. */
  readonly isHalf: boolean;
}

/** More bytes than a page's header has. */
const MOST_HEADER = 256;

/** @returns undefined for a column with another layout than that of `writeVectors` */
export async function locateVectors(file: AsyncBuffer, meta: ColumnMetaData): Promise<VectorPlace | undefined> {
  if (meta.codec !== "UNCOMPRESSED" || meta.dictionary_page_offset !== undefined) return undefined;
  const isHalf = meta.type === "FIXED_LEN_BYTE_ARRAY";
  if (!isHalf && meta.type !== "FLOAT") return undefined;
  const start = Number(meta.data_page_offset);
  const size = Number(meta.total_compressed_size);
  const reader = { view: new DataView(await file.slice(start, start + Math.min(size, MOST_HEADER))), offset: 0 };
  const header = parquetHeader(reader);
  const page = header.data_page_header_v2;
  const end = reader.offset + header.compressed_page_size;
  if (page?.encoding !== "PLAIN" || end !== size) return undefined;
  const from = reader.offset + page.definition_levels_byte_length + page.repetition_levels_byte_length;
  const bytes = end - from;
  if (bytes !== (page.num_values - page.num_nulls) * (isHalf ? 2 : 4)) return undefined;
  return { offset: start + from, bytes, isHalf };
}

/**
 * Reads the numbers of a column, one row after the other. Rows without a vector have none.
 * @param first number to read
 * @param count of numbers, by default all the rest
 */
export async function readVectors(
  file: AsyncBuffer,
  { offset, bytes, isHalf }: VectorPlace,
  first = 0,
  count = bytes / (isHalf ? 2 : 4) - first,
): Promise<Float32Array> {
  const size = isHalf ? 2 : 4;
  // The slice is a new buffer, and so aligned.
  const buffer = await file.slice(offset + first * size, offset + (first + count) * size);
  return isHalf ? widenFloat16(new Uint16Array(buffer)) : new Float32Array(buffer);
}

/** The numbers as bytes, little-endian like all hosts of Node. */
function plain(vectors: readonly Float32Array[], dim: number, dtype: VectorDtype): Uint8Array {
  const all = new Float32Array(vectors.length * dim);
  for (const [i, vector] of vectors.entries()) all.set(vector, i * dim);
  return new Uint8Array((dtype === "float32" ? all : narrowFloat16(all)).buffer);
}

/** Encodes a run of levels in Parquet's hybrid encoding: twice the count as a varint, then the value in a byte. */
function run(count: number, value: number): number[] {
  const bytes: number[] = [];
  if (count === 0) return bytes;
  let rest = count * 2;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest, value);
  return bytes;
}

function runs(parts: readonly number[][]): Uint8Array {
  return Uint8Array.from(parts.flat());
}
