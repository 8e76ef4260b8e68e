import { rename, rm, writeFile } from "node:fs/promises";

/**
 * Writes a whole file so that under `path` there is never a part of it, whatever happens meanwhile.
 * @param temporary where it is written first; no other process may write there
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
    // On a full disk the part that was written would take the last room.
    await rm(temporary, { force: true });
    throw error;
  }
}
