import { open } from "node:fs/promises";
import { join } from "node:path";
import { parseItem } from "../extract/item.ts";
import { linesOf } from "../extract/lines.ts";
import { ITEMS } from "../extract/store.ts";
import { isBad } from "../pictures/open.ts";
import { openStore, type StorePart } from "../store/read-store.ts";
import type { Columns } from "./where.ts";

/** The vectors of a folder of `extract`, for reading all of them or single ones. */
export interface VectorFolder {
  readonly dir: string;
  /** Numbers per vector. */
  readonly dim: number;
  /** By row. */
  readonly paths: readonly string[];
  /** All vectors in order, some megabytes at a time. */
  blocks(): AsyncIterable<VectorBlock>;
  row(index: number): Promise<Float32Array>;
  /** Reads the vectors of `count` rows from `start`, one after the other. */
  read(start: number, count: number): Promise<Float32Array>;
  /** See `Store.parts`. */
  parts(): readonly StorePart[];
  /** Reads the metadata of each row, in order. */
  columns(): AsyncIterable<Columns>;
  close(): Promise<void>;
}

export interface VectorBlock {
  /** Row of the first vector. */
  readonly from: number;
  /** `[rows, dim]` */
  readonly vectors: Float32Array;
}

/** @throws ReadError for files that are missing, damaged, or do not fit each other */
export async function openVectors(dir: string): Promise<VectorFolder> {
  const store = await openStore(dir);
  return {
    dir,
    dim: store.dimensions,
    paths: store.paths(),
    blocks: () => store.blocks(),
    row: async (index) => (await store.row(index)).vector,
    read: (start, count) => store.read(start, count),
    parts: () => store.parts(),
    // The lines may have more columns than the store returns.
    columns: () =>
      (store.format === "npy"
        ? itemsOf(join(dir, ITEMS))
        : (store.items() as AsyncIterable<unknown>)) as AsyncIterable<Columns>,
    close: () => store.close(),
  };
}

/** Reads the lines with a row. `openStore` has checked them. */
async function* itemsOf(path: string): AsyncGenerator<Columns, void, undefined> {
  const file = await open(path);
  try {
    for await (const { bytes } of linesOf(file, path)) {
      const item = parseItem(bytes.toString("utf8"));
      if (item && !isBad(item)) yield item as unknown as Columns;
    }
  } finally {
    await file.close();
  }
}
