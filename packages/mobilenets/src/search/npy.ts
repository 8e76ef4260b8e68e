import { readBytes } from "../platform/read-bytes.ts";
import type { Tensor } from "../tensor.ts";
import type { Bytes } from "./byte-source.ts";
import type { NpyFile } from "./npy-file.ts";

/**
 * Reads an array that NumPy wrote with `np.save`, such as the `features.npy` of `mobilenets extract`: versions 1.0, 2.0
 * and 3.0 of the format, C order, dtypes `<f4`, `<f2`, `<f8`, `|i1` and `|u1`. The numbers become float32, exactly but
 * for `<f8`, which is rounded to the nearest. Nothing in the file is evaluated.
 *
 * @param source a path or URL, or what the file holds; of bytes in memory the tensor may be a view
 * @throws ReadError for a file that is missing, damaged, cut short, or of another dtype or order, saying how to convert it
 */
export async function readNpy(source: string | URL | Bytes): Promise<Tensor> {
  // Whoever only classifies does not load it.
  const { readAll } = await import("./npy-file.ts");
  if (typeof source !== "string" && !(source instanceof URL)) return readAll(source);
  const path = String(source);
  const bytes = await readBytes(path);
  return readAll({ size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length), name: path });
}

/**
 * Opens an array for reading it row by row, if it is larger than memory: only the header is read now. The result is a
 * stream for `nearest`.
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
