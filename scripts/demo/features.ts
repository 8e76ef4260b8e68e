import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readNpy } from "mobilenets";

/** Reads what `mobilenets extract` wrote into `dir`: the vectors of pictures by path. */
export async function readFeatures(dir: string): Promise<ReadonlyMap<string, Float32Array>> {
  const { data, shape } = await readNpy(join(dir, "features.npy"));
  const [, dim] = shape;
  const lines = (await readFile(join(dir, "items.jsonl"), "utf8")).trimEnd().split("\n");
  return new Map(
    lines.map((line) => {
      const { path, row } = JSON.parse(line) as { path: string; row?: number };
      if (row === undefined) throw new Error(`${dir}: a picture without features: ${line}`);
      return [path, data.subarray(row * dim, (row + 1) * dim)];
    }),
  );
}
