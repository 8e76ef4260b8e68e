import { resolve } from "node:path";
import { ReadError } from "mobilenets";
import { readBytes } from "mobilenets/weights";

/**
 * The content of a regular file: no pipe, which would wait for ever, and no device, which has no end.
 * @throws ReadError naming the file by its full path
 */
export async function readFile(path: string, maxBytes?: number): Promise<Uint8Array> {
  // Absolute, so that no name is taken for a URL.
  const where = resolve(path);
  try {
    return await readBytes(where, { maxBytes });
  } catch (error) {
    // Folders have been searched by now.
    if (!(error instanceof ReadError) || error.found !== "a folder") throw error;
    throw new ReadError({ where, found: "a folder without pictures" }, { cause: error });
  }
}
