import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { ReadError, type Tensor } from "mobilenets";
import { type NpyFile, openNpy } from "mobilenets/search";
import { parseItem } from "../extract/item.ts";
import { linesOf } from "../extract/lines.ts";
import { FEATURES, ITEMS } from "../extract/store.ts";
import { isBad } from "../pictures/open.ts";
import { printable } from "../printable.ts";
import { openPartsStore } from "../store/parts-store.ts";
import { grouped } from "../table.ts";

/** Vectors in one or several files, read on demand. Iterates over all rows in blocks. */
export interface Matrix extends AsyncIterable<Tensor> {
  readonly rows: number;
  readonly shape: readonly number[];
  /** Reads `count` rows from `start`. */
  read(start: number, count: number): Promise<Tensor>;
}

/** A folder of `extract`, open for reading. Only the paths are held in memory. */
export interface FeatureFolder {
  /** A matrix `[rows, dim]`. */
  readonly features: Matrix;
  readonly dim: number;
  /** By row, as given to `extract`. */
  readonly paths: readonly string[];
  row(index: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** @throws ReadError for files that are missing, damaged, or do not fit each other */
export async function openFeatureFolder(dir: string): Promise<FeatureFolder> {
  const store = await openPartsStore(dir);
  if (!store) return openNpyFolder(dir);
  const { rows, dimensions: dim } = store;
  async function* blocks(): AsyncGenerator<Tensor, void, undefined> {
    for await (const { ids, vectors } of store!.blocks()) yield { data: vectors, shape: [ids.length, dim] };
  }
  const read = async (start: number, count: number) => ({ data: await store.read(start, count), shape: [count, dim] });
  return {
    features: { rows, shape: [rows, dim], read, [Symbol.asyncIterator]: blocks },
    dim,
    paths: store.paths(),
    row: async (index) => (await store.row(index)).vector,
    close: () => store.close(),
  };
}

/** Like `openFeatureFolder`, for `features.npy` and `items.jsonl` only. */
export async function openNpyFolder(dir: string): Promise<FeatureFolder> {
  const file = await openFile(dir, FEATURES);
  try {
    const features = await openMatrix(file, join(dir, FEATURES));
    const items = await openFile(dir, ITEMS);
    const paths = await readPaths(items, join(dir, ITEMS)).finally(() => items.close());
    if (paths.length !== features.rows) {
      throw new ReadError({
        where: printable(dir),
        found: `${grouped(features.rows)} rows in ${FEATURES}, ${grouped(paths.length)} in ${ITEMS}`,
        expected: "equally many",
        hint: MEND,
      });
    }
    const row = async (index: number) => (await features.read(index, 1)).data;
    return { features, dim: features.shape[1], paths, row, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

const MEND = "is `extract` running, or was it interrupted? The same command again repairs its folder";

async function openFile(dir: string, name: string): Promise<FileHandle> {
  try {
    return await open(join(dir, name));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR") throw cause;
    throw new ReadError(
      {
        where: printable(join(dir, name)),
        found: "no such file",
        expected: "a folder that `extract` wrote",
        hint: "mobilenets extract PICTURES --out DIR writes one",
      },
      { cause },
    );
  }
}

async function openMatrix(file: FileHandle, path: string): Promise<NpyFile> {
  const { size } = await file.stat();
  const features = await openNpy({
    size,
    read: (offset, length) => readFully(file, offset, length),
    name: printable(path),
  });
  const [rows, dim, ...more] = features.shape;
  if (dim > 0 && more.length === 0) return features;
  const found = `an array of shape [${features.shape.join(",")}]`;
  const hint = rows === undefined || more.length > 0 ? "`extract` writes such a file" : undefined;
  throw new ReadError({ where: printable(path), found, expected: "a vector for each picture, [rows,numbers]", hint });
}

/** Reads all bytes, or fewer at the end of the file. */
async function readFully(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

/** Reads the paths of all pictures with a row, in the order of the rows. */
async function readPaths(file: FileHandle, name: string): Promise<string[]> {
  const paths: string[] = [];
  let number = 0;
  for await (const { bytes } of linesOf(file, name)) {
    number++;
    const where = `${printable(name)}, line ${grouped(number)}`;
    const item = parseItem(bytes.toString("utf8"));
    if (!item || typeof item.path !== "string") {
      const found = `${JSON.stringify(printable(bytes.toString("utf8", 0, 60)))}`;
      throw new ReadError({ where, found, expected: "a JSON object with a path, and a row or an error", hint: MEND });
    }
    if (isBad(item)) continue;
    if (item.row !== paths.length) {
      throw new ReadError({ where, found: `row ${item.row}`, expected: `row ${paths.length}`, hint: MEND });
    }
    paths.push(item.path);
  }
  return paths;
}
