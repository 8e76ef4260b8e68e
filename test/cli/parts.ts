import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { openStore } from "../../packages/cli/src/store/read-store.ts";

/** Bytes of all parts of a store, by name. */
export async function partFiles(dir: string): Promise<Record<string, string>> {
  const folder = join(dir, "parts");
  const names = (await readdir(folder)).sort();
  const files = await Promise.all(
    names.map(async (name) => [name, (await readFile(join(folder, name))).toString("base64")]),
  );
  return Object.fromEntries(files);
}

/** Vectors of a store, by id. */
export async function vectorsOf(dir: string): Promise<Record<string, Float32Array>> {
  const store = await openStore(dir);
  const vectors: Record<string, Float32Array> = {};
  for await (const { ids, vectors: all } of store.blocks()) {
    for (const [i, id] of ids.entries()) {
      if (id in vectors) throw new Error(`${id} twice`);
      vectors[id] = all.slice(i * store.dimensions, (i + 1) * store.dimensions);
    }
  }
  await store.close();
  return vectors;
}
