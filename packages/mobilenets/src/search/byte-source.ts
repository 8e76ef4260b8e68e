import { kindOf } from "../check-options.ts";
import { OptionError } from "../errors.ts";
import { ReadError } from "../platform/platform.ts";

/** A file that is read piece by piece; it may be larger than memory. */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /** The `length` bytes from `offset` on, all inside the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Name in error messages. */
  readonly name?: string;
}

/** Bytes in memory, a Blob (a browser's `File`, Node's `openAsBlob`), or an object that reads pieces of a file. */
export type Bytes = Uint8Array | ArrayBuffer | Blob | ByteSource;

/** @throws OptionError for any other value */
export function byteSource(source: Bytes): ByteSource {
  if (source instanceof ArrayBuffer) return byteSource(new Uint8Array(source));
  if (source instanceof Uint8Array) {
    return { size: source.length, read: async (offset, length) => source.subarray(offset, offset + length) };
  }
  if (typeof Blob !== "undefined" && source instanceof Blob) {
    return {
      size: source.size,
      read: async (offset, length) => new Uint8Array(await source.slice(offset, offset + length).arrayBuffer()),
      name: "name" in source && typeof source.name === "string" ? source.name : undefined,
    };
  }
  if (isByteSource(source)) return source;
  throw new OptionError({
    where: "npy",
    found: kindOf(source),
    expected: "the bytes of a .npy file, a Blob, or { size, read(offset, length) }",
  });
}

/** @throws ReadError if the source gives fewer or more bytes than requested */
export async function readExactly(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  const bytes = await source.read(offset, length);
  if (bytes instanceof Uint8Array && bytes.length === length) return bytes;
  throw new ReadError({
    where: source.name ?? ".npy file",
    found: bytes instanceof Uint8Array ? `${bytes.length} bytes at ${offset}` : kindOf(bytes),
    expected: `${length} bytes`,
    hint: "was the file cut short while it was read?",
  });
}

function isByteSource(value: unknown): value is ByteSource {
  if (typeof value !== "object" || value === null) return false;
  const { size, read } = value as Partial<ByteSource>;
  return typeof read === "function" && isSize(size);
}

const isSize = (size: unknown): boolean => Number.isSafeInteger(size) && (size as number) >= 0;
