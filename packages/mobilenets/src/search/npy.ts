import { readBytes } from "../platform/read-bytes.ts";
import type { Tensor } from "../tensor.ts";
import type { Bytes } from "./byte-source.ts";
import type { NpyFile } from "./npy-file.ts";

/**
 * Reads an array that NumPy wrote with `np.save`, such as the `features.npy` of `mobilenets extract`: versions 1.0, 2.0
 * and 3.0 of the format, C order, dtypes `<f4`, `<f2`, `<f8`, `|i1` and `|u1`. The numbers become float32: `<f8` is
 * rounded to the nearest, the others are exact. Nothing in the file is evaluated.
 *
 * @param source a path or URL, or the file's content; the tensor may be a view of bytes in memory
 * @throws ReadError for a file that is missing, damaged, cut short, or of another dtype or order, with how to convert it
 */
export async function readNpy(source: string | URL | Bytes): Promise<Tensor> {
  // A dynamic import: classification does not need it.
  const { readAll } = await import("./npy-file.ts");
  if (typeof source !== "string" && !(source instanceof URL)) return readAll(source);
  const path = String(source);
  const bytes = await readBytes(path);
  return readAll({ size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length), name: path });
}

/**
 * Opens an array to read it row by row, for files larger than memory. Only the header is read now. The result is
 * a stream for `nearest`.
 *
 *     const file = await open("features.npy"); // of node:fs/promises
 *     const { size } = await file.stat();
 *     const read = async (offset: number, length: number) =>
 *       (await file.read(new Uint8Array(length), 0, length, offset)).buffer;
 *     const neighbours = await nearest(query, await openNpy({ size, read }));
 *
 * @throws ReadError as `readNpy` does
 */
export async function openNpy(source: Bytes): Promise<NpyFile> {
  const { open } = await import("./npy-file.ts");
  return open(source);
}
