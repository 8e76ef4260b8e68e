import { OptionError } from "../errors.ts";
import { formatShape, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { widenFloat16 } from "../weights/containers/half.ts";
import { type ByteSource, type Bytes, byteSource, readExactly } from "./byte-source.ts";
import { dtypeBytes, type NpyDtype, type NpyHeader, readNpyHeader } from "./npy-header.ts";

/** Bytes read at a time by default. */
const BLOCK_BYTES = 4 * 1024 * 1024;

/**
 * A `.npy` file that is read on demand, as float32: `<f2`, `|i1` and `|u1` exactly, `<f8` rounded to the nearest.
 * As an async iterable it gives all rows in blocks of about 4 MB and reads one block ahead. It can be iterated again.
 */
export class NpyFile implements AsyncIterable<Tensor> {
  readonly shape: Shape;
  /** The file's own dtype. */
  readonly dtype: NpyDtype;
  /** Size of the first dimension; 1 for a single number. */
  readonly rows: number;
  readonly #source: ByteSource;
  readonly #dataStart: number;
  /** Numbers per row. */
  readonly #columns: number;

  /** @internal */
  constructor(source: ByteSource, { shape, dtype, dataStart }: NpyHeader) {
    this.shape = shape;
    this.dtype = dtype;
    this.rows = shape[0] ?? 1;
    this.#source = source;
    this.#dataStart = dataStart;
    // A size of 0 makes all products 0; the other sizes may then be any numbers.
    this.#columns = shape.includes(0) ? 0 : sizeOf(shape.slice(1));
  }

  /**
   * Rows `start` to `start + count`, of shape `[count, ...]`. The tensor may be a view of the source's bytes.
   * @throws OptionError for rows that the file does not have
   * @throws ReadError if the file has become shorter
   */
  async read(start: number, count: number): Promise<Tensor> {
    if (!(isCount(start) && isCount(count) && start + count <= this.rows)) {
      throw new OptionError({
        where: this.#source.name ?? "npy",
        found: `rows ${start} to ${start + count}`,
        expected: `rows inside shape ${formatShape(this.shape)}`,
      });
    }
    const rowBytes = this.#columns * dtypeBytes[this.dtype];
    const bytes = await readExactly(this.#source, this.#dataStart + start * rowBytes, count * rowBytes);
    return { data: toFloat32(bytes, this.dtype), shape: [count, ...this.shape.slice(1)] };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Tensor, void, undefined> {
    const rowBytes = this.#columns * dtypeBytes[this.dtype];
    const rows = rowBytes === 0 ? this.rows : Math.max(1, Math.floor(BLOCK_BYTES / rowBytes));
    const readAt = (start: number): Promise<Tensor> => {
      const block = this.read(start, Math.min(rows, this.rows - start));
      // The block is awaited later, or never if the caller stops first.
      block.catch(() => {});
      return block;
    };
    // The next block is read while the caller works on this one.
    let next = this.rows > 0 ? readAt(0) : undefined;
    for (let start = rows; next; start += rows) {
      const block = await next;
      next = start < this.rows ? readAt(start) : undefined;
      yield block;
    }
  }
}

/** See `openNpy`. */
export async function open(bytes: Bytes): Promise<NpyFile> {
  const source = byteSource(bytes);
  return new NpyFile(source, await readNpyHeader(source, source.name ?? ".npy file"));
}

/** See `readNpy`. */
export async function readAll(bytes: Bytes): Promise<Tensor> {
  const file = await open(bytes);
  const { data } = await file.read(0, file.rows);
  return { data, shape: file.shape };
}

/** Converts bytes to float32; it returns a view if alignment allows. */
function toFloat32(bytes: Uint8Array, dtype: NpyDtype): Float32Array {
  const size = dtypeBytes[dtype];
  // This copy is aligned; a Buffer's slice() does not copy.
  const { buffer, byteOffset, length } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const count = length / size;
  switch (dtype) {
    case "<f4":
      return new Float32Array(buffer, byteOffset, count);
    case "<f2":
      return widenFloat16(new Uint16Array(buffer, byteOffset, count));
    case "<f8":
      return new Float32Array(new Float64Array(buffer, byteOffset, count));
    case "|i1":
      return new Float32Array(new Int8Array(buffer, byteOffset, count));
    case "|u1":
      return new Float32Array(new Uint8Array(buffer, byteOffset, count));
  }
}

const isCount = (n: number) => Number.isSafeInteger(n) && n >= 0;
