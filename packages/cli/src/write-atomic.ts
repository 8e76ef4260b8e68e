import { rename, writeFile } from "node:fs/promises";

/** Writes a whole file so that under `path` there is never a part of it, whatever happens meanwhile. */
export async function writeAtomic(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, data, { flush: true });
  await rename(temporary, path);
}
