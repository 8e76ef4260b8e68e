import { openNpyStore } from "./npy-store.ts";
import { openPartsStore } from "./parts-store.ts";

/** What is known of a picture that has a row. */
export interface StoreItem {
  /** Tells the picture from all others of the store; in a folder of `features.npy` its path. */
  readonly id: string;
  /** Where it was read from. */
  readonly path: string;
  /** Of its file, hexadecimal. */
  readonly sha256: string;
  /** In pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Best classes and their probabilities, if `extract` was asked for them. */
  readonly labels?: readonly string[];
  readonly scores?: readonly number[];
}

/** Rows that follow each other. */
export interface StoreBlock {
  /** Number of the first row. */
  readonly from: number;
  readonly ids: readonly string[];
  readonly paths: readonly string[];
  /** `[ids.length, dimensions]`, float32 whatever the store holds. */
  readonly vectors: Float32Array;
}

/**
 * What `extract` wrote, open for reading: `features.npy` with `items.jsonl`, or Parquet parts. Rows are pictures that have
 * features; those that failed are left out. Ids and paths are held in memory, vectors are not.
 */
export interface Store {
  readonly format: "npy" | "parquet";
  readonly network: string;
  /** Numbers of a vector. */
  readonly dimensions: number;
  /** As `run.json` has it, an object; undefined where nothing is recorded. */
  readonly preprocessing: unknown;
  /** Hash of the graph and its weights, hexadecimal; empty where nothing is recorded. */
  readonly weightsHash: string;
  readonly rows: number;
  /** By row. */
  ids(): readonly string[];
  /** By row. */
  paths(): readonly string[];
  /** All rows in order, some MB at a time; each call begins anew. */
  blocks(): AsyncIterable<StoreBlock>;
  /** What is known of all rows, in order. */
  items(): AsyncIterable<StoreItem>;
  /** Vectors of the rows `start` to `start + count`, one after the other. */
  read(start: number, count: number): Promise<Float32Array>;
  /** @throws RangeError for a row that there is not */
  row(index: number): Promise<{ readonly id: string; readonly path: string; readonly vector: Float32Array }>;
  /** The parts that the rows are in, in the order of the rows; of `features.npy` one. */
  parts(): readonly StorePart[];
  close(): Promise<void>;
}

/** Rows that came together, and go together. */
export interface StorePart {
  /** The same as long as the part holds the same vectors. */
  readonly name: string;
  /** Number of its first row. */
  readonly from: number;
  /** Of each of its rows that counts, the place among all that it holds. */
  readonly places: readonly number[];
}

/**
 * Opens what `extract` wrote to a folder, in either format, or Parquet files with a column `embedding` that are not in a
 * store's folder.
 * @param dir a folder of `extract`, a folder of Parquet files, or one such file
 * @throws ReadError for files that are missing, damaged, or do not fit each other, saying what to do
 */
export async function openStore(dir: string): Promise<Store> {
  return (await openPartsStore(dir)) ?? openNpyStore(dir);
}
