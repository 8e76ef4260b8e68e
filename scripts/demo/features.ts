import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Reads what `mobilenets extract` wrote into `dir`: the vectors of pictures by path. */
export async function readFeatures(dir: string): Promise<ReadonlyMap<string, Float32Array>> {
  const vectors = readNpy(await readFile(join(dir, "features.npy")));
  const lines = (await readFile(join(dir, "items.jsonl"), "utf8")).trimEnd().split("\n");
  return new Map(
    lines.map((line) => {
      const { path, row } = JSON.parse(line) as { path: string; row?: number };
      if (row === undefined) throw new Error(`${dir}: a picture without features: ${line}`);
      return [path, vectors[row]];
    }),
  );
}

/** The rows of a float32 matrix in NumPy's format: magic, length of the header at byte 8, header, numbers. */
export function readNpy(file: Buffer): Float32Array[] {
  const start = 10 + file.readUInt16LE(8);
  const header = file.toString("latin1", 10, start);
  const shape = /'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\)/.exec(header);
  if (!shape) throw new Error(`not a float32 matrix: ${header}`);
  const [rows, columns] = [Number(shape[1]), Number(shape[2])];
  return Array.from({ length: rows }, (_, row) =>
    Float32Array.from({ length: columns }, (_, i) => file.readFloatLE(start + 4 * (row * columns + i))),
  );
}
