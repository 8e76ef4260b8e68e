import { readFile } from "node:fs/promises";
import { join } from "node:path";

export interface ItemRecord {
  readonly path: string;
  readonly sha256?: string;
  readonly width?: number;
  readonly height?: number;
  readonly row?: number;
  readonly error?: { readonly name: string; readonly message: string };
}

/** Reads the two result files by their public formats alone. */
export async function readStore(dir: string) {
  const npy = await readFile(join(dir, "features.npy"));
  const header = npy.toString("latin1", 10, 10 + npy.readUInt16LE(8));
  const match = /^\{'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\), \} *\n$/.exec(header);
  if (npy.toString("latin1", 0, 8) !== "\x93NUMPY\x01\x00" || !match)
    throw new Error(`not the .npy expected: ${header}`);
  const [rows, dim] = [Number(match[1]), Number(match[2])];
  const start = 10 + header.length;
  const data = new Float32Array(npy.buffer.slice(npy.byteOffset + start, npy.byteOffset + npy.length));
  const text = await readFile(join(dir, "items.jsonl"), "utf8");
  const items = text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as ItemRecord);
  return { rows, dim, data, items, row: (i: number) => data.subarray(i * dim, (i + 1) * dim) };
}

/** Both files as one value to compare. */
export async function storeBytes(dir: string): Promise<{ features: string; items: string }> {
  const [features, items] = await Promise.all(["features.npy", "items.jsonl"].map((name) => readFile(join(dir, name))));
  return { features: features.toString("base64"), items: items.toString("utf8") };
}
