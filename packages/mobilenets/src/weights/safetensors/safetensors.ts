import { deferred } from "../../deferred.ts";
import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";
import { formatShape, sizeOf, type Tensor, type TensorData } from "../../tensor.ts";
import { DTYPES, dtypeOf } from "./dtype.ts";
import { checkName, type Entry, NOT_SAFETENSORS, parseHeader } from "./header.ts";

/** The content of a safetensors file. */
export interface Safetensors {
  readonly tensors: Record<string, Tensor<TensorData>>;
  readonly metadata: Record<string, string>;
}

/** The limit of the `safetensors` library. */
const MAX_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;
/** Data begin at a multiple of this, so that a view of any dtype is aligned. */
const ALIGNMENT = 8;

/**
 * Reads a safetensors file: 8 bytes of little-endian header length, a JSON header, then the data of the tensors,
 * little-endian, without gaps.
 *
 * Accepted dtypes: I64, F64, F32, I32, U16, I16, I8, U8 become the array of that type; F16 and BF16 are widened exactly
 * to float32 at each access. Arrays are views of `bytes` if alignment allows (then keep `bytes` unchanged), otherwise
 * copies.
 *
 * @param where names the file in errors
 * @throws WeightsError for a file that is cut short, too long or malformed
 */
export function readSafetensors(bytes: Uint8Array, where = "safetensors"): Safetensors {
  const dataStart = LENGTH_BYTES + headerLength(bytes, where);
  // A copy, because TextDecoder refuses shared memory and a Buffer's slice() would be a view.
  const { entries, metadata } = parseHeader(new Uint8Array(bytes.subarray(LENGTH_BYTES, dataStart)), where);
  checkDataLength(bytes.length - dataStart, entries.at(-1)?.end ?? 0, where);
  const tensors: Record<string, Tensor<TensorData>> = {};
  for (const entry of entries) {
    tensors[entry.name] = readTensor(bytes.subarray(dataStart + entry.begin, dataStart + entry.end), entry);
  }
  return { tensors, metadata };
}

/**
 * Writes a safetensors file. The same tensors and metadata give the same bytes in any order: tensors are sorted from the
 * widest dtype to the narrowest, and by name within a dtype.
 *
 * @param dtypes dtypes that arrays do not show: `F16` for bit patterns in a Uint16Array
 * @throws WeightsError for a tensor whose data do not fill its shape, or a name that the format or JavaScript reserves
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, Tensor<TensorData>>>,
  metadata: Readonly<Record<string, string>> = {},
  dtypes: Readonly<Record<string, string>> = {},
): Uint8Array {
  const ranks = [...DTYPES.keys()];
  const entries = Object.entries(tensors).map(([name, { data, shape }]) => {
    checkWritable(name, data, shape);
    const dtype = dtypes[name] ?? dtypeOf(data);
    return { name, data, shape, dtype, rank: ranks.indexOf(dtype) };
  });
  entries.sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));

  const header: Record<string, unknown> = {};
  const notes = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [key] of notes) checkName(key, "writeSafetensors: metadata");
  if (notes.length > 0) header.__metadata__ = Object.fromEntries(notes);
  let end = 0;
  for (const { name, data, shape, dtype } of entries) {
    const begin = end;
    end += data.byteLength;
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }

  const json = new TextEncoder().encode(JSON.stringify(header));
  const dataStart = Math.ceil((LENGTH_BYTES + json.length) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(dataStart + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataStart - LENGTH_BYTES), true);
  bytes.fill(0x20, LENGTH_BYTES, dataStart).set(json, LENGTH_BYTES);
  let at = dataStart;
  for (const { data } of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

function headerLength(bytes: Uint8Array, where: string): number {
  if (bytes.length < LENGTH_BYTES) {
    throw new WeightsError({
      where,
      found: `a file of ${bytes.length} bytes`,
      expected: `at least ${LENGTH_BYTES}, the length of the header`,
      hint: "is the file complete?",
    });
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    throw new WeightsError({
      where,
      found: `a header of ${length} bytes`,
      expected: `at most ${MAX_HEADER_BYTES}`,
      hint: NOT_SAFETENSORS,
    });
  }
  const available = bytes.length - LENGTH_BYTES;
  if (length > available) {
    throw new WeightsError({
      where,
      found: `a header of ${length} bytes in a file with ${available} left`,
      expected: "the whole header",
      hint: "is the file complete?",
    });
  }
  return Number(length);
}

function checkDataLength(found: number, expected: number, where: string): void {
  if (found < expected) {
    throw new WeightsError({
      where,
      found: `a truncated file: ${found} bytes of data`,
      expected: `${expected}`,
      hint: "was the download or copy cut short?",
    });
  }
  if (found > expected) {
    throw new WeightsError({
      where,
      found: `an oversized file: ${found - expected} bytes after the last tensor`,
      expected: "none",
      hint: "was something appended?",
    });
  }
}

function readTensor(bytes: Uint8Array, { dtype, count, shape }: Entry): Tensor<TensorData> {
  const format = DTYPES.get(dtype)!;
  const { buffer, byteOffset } = bytes.byteOffset % format.bytes === 0 ? bytes : new Uint8Array(bytes);
  const read = () => format.view(buffer, byteOffset, count);
  return format.widens ? deferred(shape, read as () => Float32Array) : { data: read(), shape };
}

function checkWritable(name: string, data: TensorData, shape: readonly number[]): void {
  const where = `writeSafetensors: tensor ${show(name)}`;
  checkName(name, where);
  if (name === "__metadata__") {
    throw new WeightsError({ where, found: "the name of the format's metadata", expected: "another name" });
  }
  if (data.length !== sizeOf(shape)) {
    throw new WeightsError({
      where,
      found: `${data.length} elements`,
      expected: `${sizeOf(shape)} for shape ${formatShape(shape)}`,
    });
  }
}
