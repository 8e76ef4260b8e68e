import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { Inferred } from "../pictures/infer.ts";
import { type BadPicture, isBad } from "../pictures/open.ts";
import { type Item, itemLine } from "./item.ts";
import { readJournal } from "./journal.ts";
import { NPY_HEADER_BYTES, npyHeader } from "./npy.ts";
import { writeFully } from "./write-fully.ts";

export const FEATURES = "features.npy";
export const ITEMS = "items.jsonl";

/**
 * `features.npy` and `items.jsonl`, which grow together. A row is on the disk before its line is written, so the lines
 * tell what is done after a crash. The rest is cut off and computed again. All writes go to a computed offset, so
 * writing a batch twice changes nothing.
 */
export class FeatureStore {
  readonly dim: number;
  readonly #features: FileHandle;
  readonly #items: FileHandle;
  #count: number;
  #rows: number;
  #itemBytes: number;

  private constructor(
    dim: number,
    features: FileHandle,
    items: FileHandle,
    at: { items: number; rows: number; bytes: number },
  ) {
    this.dim = dim;
    this.#features = features;
    this.#items = items;
    this.#count = at.items;
    this.#rows = at.rows;
    this.#itemBytes = at.bytes;
  }

  /**
   * Opens the store that an earlier run left in `dir`, or a new one.
   * @param inputs all pictures of the run, in order
   * @param dim numbers per row
   * @throws OptionError if an earlier run had other pictures
   */
  static async open(dir: string, inputs: readonly string[], dim: number): Promise<FeatureStore> {
    const features = await openFile(join(dir, FEATURES));
    const items = await openFile(join(dir, ITEMS));
    try {
      const { size } = await features.stat();
      const rowsOnDisk = Math.max(0, Math.floor((size - NPY_HEADER_BYTES) / (dim * 4)));
      const done = await readJournal(items, join(dir, ITEMS), inputs, rowsOnDisk);
      await items.truncate(done.bytes);
      // The header is written first, so it never counts missing rows.
      await writeFully(features, npyHeader(done.rows, dim), 0);
      await features.truncate(NPY_HEADER_BYTES + done.rows * dim * 4);
      return new FeatureStore(dim, features, items, done);
    } catch (error) {
      await Promise.all([features.close(), items.close()]);
      throw error;
    }
  }

  /** Pictures done, good and bad. */
  get count(): number {
    return this.#count;
  }

  get rows(): number {
    return this.#rows;
  }

  get failed(): number {
    return this.#count - this.#rows;
  }

  /** Appends the results of the next inputs, in order. They survive a crash once this resolves. */
  async append(results: readonly (Inferred<Float32Array> | BadPicture)[]): Promise<void> {
    const vectors: Float32Array[] = [];
    const items = results.map((result): Item => {
      if (isBad(result)) return { path: result.path, error: result.error };
      const { path, sha256, width, height, value } = result;
      return { path, sha256, width, height, row: this.#rows + vectors.push(value) - 1 };
    });
    if (vectors.length > 0) {
      const bytes = Buffer.concat(vectors.map((v) => Buffer.from(v.buffer, v.byteOffset, v.byteLength)));
      await writeFully(this.#features, bytes, NPY_HEADER_BYTES + this.#rows * this.dim * 4);
      await writeFully(this.#features, npyHeader(this.#rows + vectors.length, this.dim), 0);
      await this.#features.datasync();
    }
    const lines = Buffer.from(items.map(itemLine).join(""));
    await writeFully(this.#items, lines, this.#itemBytes);
    this.#count += items.length;
    this.#rows += vectors.length;
    this.#itemBytes += lines.length;
  }

  async close(): Promise<void> {
    await this.#items.sync();
    await Promise.all([this.#features.close(), this.#items.close()]);
  }
}

/** Opens a file for reading and writing, and makes it if it is missing. Node has no mode string for this. */
function openFile(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDWR | constants.O_CREAT, 0o666);
}
