import { openNpyStore } from "./npy-store.ts";
import { openPartsStore } from "./parts-store.ts";

/** Metadata of a picture that has a row. */
export interface StoreItem {
  /** Unique in the store. In a folder of `features.npy`, it is the path. */
  readonly id: string;
  /** Source of the picture: a path, a URL, or an archive and a name in it. */
  readonly path: string;
  /** Hash of the file, hexadecimal. */
  readonly sha256: string;
  /** In pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Best classes and their probabilities, if requested from `extract`. */
  readonly labels?: readonly string[];
  readonly scores?: readonly number[];
}

/** Consecutive rows. */
export interface StoreBlock {
  /** Number of the first row. */
  readonly from: number;
  readonly ids: readonly string[];
  readonly paths: readonly string[];
  /** `[ids.length, dimensions]`, always float32. */
  readonly vectors: Float32Array;
}

/**
 * A folder of `extract`, open for reading: `features.npy` with `items.jsonl`, or Parquet parts. Each row is a picture
 * with features. Failed pictures have no row. Ids and paths are held in memory, vectors are not.
 */
export interface Store {
  readonly format: "npy" | "parquet";
  readonly network: string;
  /** Numbers per vector. */
  readonly dimensions: number;
  /** The object in `run.json`. Undefined if not recorded. */
  readonly preprocessing: unknown;
  /** Hash of the graph and its weights, hexadecimal. Empty if not recorded. */
  readonly weightsHash: string;
  readonly rows: number;
  /** By row. */
  ids(): readonly string[];
  /** By row. */
  paths(): readonly string[];
  /** Reads all rows in order, some MB at a time. Each call starts at the first row. */
  blocks(): AsyncIterable<StoreBlock>;
  /** Reads the metadata of all rows, in order. */
  items(): AsyncIterable<StoreItem>;
  /** Reads the vectors of `count` rows from `start`, one after the other. */
  read(start: number, count: number): Promise<Float32Array>;
  /** @throws RangeError for a missing row */
  row(index: number): Promise<{ readonly id: string; readonly path: string; readonly vector: Float32Array }>;
  /** The parts in the order of the rows. `features.npy` is one part. */
  parts(): readonly StorePart[];
  close(): Promise<void>;
}

/** Rows of one file. */
export interface StorePart {
  /** Changes with the vectors of the part. */
  readonly name: string;
  /** Number of its first row. */
  readonly from: number;
  /** Places of the valid rows among all vectors of the part. */
  readonly places: readonly number[];
}

/**
 * Opens a folder of `extract` in either format, or other Parquet files with a column `embedding`.
 * @param dir a folder of `extract`, a folder of Parquet files, or one such file
 * @throws ReadError for files that are missing, damaged, or do not fit each other
 */
export async function openStore(dir: string): Promise<Store> {
  return (await openPartsStore(dir)) ?? openNpyStore(dir);
}
