import { rename, rm, writeFile } from "node:fs/promises";

/**
 * Writes a file whole or not at all, even after a crash.
 * @param temporary path to write first; no other process may use it
 */
export async function writeAtomic(
  path: string,
  data: string | Uint8Array,
  temporary = `${path}.${process.pid}.tmp`,
): Promise<void> {
  try {
    await writeFile(temporary, data, { flush: true });
    await rename(temporary, path);
  } catch (error) {
    // On a full disk, the partial file would take the last space.
    await rm(temporary, { force: true });
    throw error;
  }
}
