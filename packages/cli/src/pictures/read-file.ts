import { resolve } from "node:path";
import { ReadError } from "mobilenets";
import { readBytes } from "mobilenets/weights";

/**
 * Reads a regular file. Refuses a pipe, which could wait for ever, and a device, which has no end.
 * @throws ReadError with the file's absolute path
 */
export async function readFile(path: string, maxBytes?: number): Promise<Uint8Array> {
  // An absolute path is never taken for a URL.
  const where = resolve(path);
  try {
    return await readBytes(where, { maxBytes });
  } catch (error) {
    // Folders were searched before, so this one has no pictures.
    if (!(error instanceof ReadError) || error.found !== "a folder") throw error;
    throw new ReadError({ where, found: "a folder without pictures" }, { cause: error });
  }
}
