import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseItem } from "../extract/item.ts";
import { linesOf } from "../extract/lines.ts";
import { readRun } from "../extract/run-record.ts";
import { FEATURES, ITEMS } from "../extract/store.ts";
import { isBad } from "../pictures/open.ts";
import { openNpyFolder } from "../similar/feature-folder.ts";
import type { Store, StoreBlock, StoreItem } from "./read-store.ts";

/** Opens a folder of `features.npy` and `items.jsonl` as a store. */
export async function openNpyStore(dir: string): Promise<Store> {
  const folder = await openNpyFolder(dir);
  const { features, dim, paths } = folder;
  const run = await readRun(dir).catch(async (error: unknown) => {
    await folder.close();
    throw error;
  });

  const { size, mtimeMs } = await stat(join(dir, FEATURES));
  const part = { name: `${FEATURES} ${size} ${mtimeMs}`, from: 0, places: [...paths.keys()] };

  async function* blocks(): AsyncGenerator<StoreBlock, void, undefined> {
    let from = 0;
    for await (const { data, shape } of features) {
      const names = paths.slice(from, from + shape[0]);
      yield { from, ids: names, paths: names, vectors: data };
      from += shape[0];
    }
  }

  async function* items(): AsyncGenerator<StoreItem, void, undefined> {
    const file = await open(join(dir, ITEMS));
    try {
      for await (const { bytes } of linesOf(file, join(dir, ITEMS))) {
        const item = parseItem(bytes.toString("utf8"));
        if (!item || isBad(item)) continue;
        const { path, sha256, width, height } = item;
        yield { id: path, path, sha256, width, height };
      }
    } finally {
      await file.close();
    }
  }

  return {
    format: "npy",
    network: run?.network ?? "",
    dimensions: dim,
    preprocessing: run?.preprocessing,
    weightsHash: run?.model ?? "",
    rows: paths.length,
    ids: () => paths,
    paths: () => paths,
    blocks,
    items,
    read: async (start, count) => (await features.read(start, count)).data,
    async row(index) {
      const path = paths[index];
      if (path === undefined) throw new RangeError(`row ${index} of ${paths.length}`);
      return { id: path, path, vector: (await features.read(index, 1)).data };
    },
    parts: () => [part],
    close: () => folder.close(),
  };
}
