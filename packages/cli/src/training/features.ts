import { createHash } from "node:crypto";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Preprocessing, tensor } from "mobilenets";
import { type Program, selectEngine } from "mobilenets/graph";
import { type DataLoader, evaluationBatches, type Features } from "mobilenets/train";
import { readSafetensors, writeSafetensors } from "mobilenets/weights";
import { cacheDir } from "../cache-dir.ts";
import { fingerprint } from "../extract/run-record.ts";
import { diagnostic } from "../output.ts";
import { writeAtomic } from "../write-atomic.ts";
import type { FileDataset } from "./data/file-dataset.ts";

/** Pictures to compute the features of, and the network for it. */
export interface FeatureJob {
  readonly backbone: Program;
  /** Numbers per picture. */
  readonly count: number;
  readonly preprocessing: Preprocessing;
  readonly dataset: FileDataset;
  readonly indices: readonly number[];
  readonly loader: DataLoader;
  readonly threads?: "auto" | number;
  readonly signal?: AbortSignal;
  /** Called with the finished pictures, of those outside the cache. */
  readonly onProgress?: (done: number, total: number) => void;
}

const BATCH = 32;

/**
 * Takes the backbone's features of pictures from the cache, or computes them. Leaves out unreadable pictures. After an
 * abort, the cache keeps the finished features.
 */
export async function featuresOf(job: FeatureJob): Promise<Features> {
  const { backbone, count, preprocessing, dataset, indices, loader, threads, signal, onProgress } = job;
  const cache = await FeatureCache.open(backbone, preprocessing, count);
  const keys = new Map<number, string>();
  for (const index of indices) keys.set(index, await fileKey(dataset.paths[index]));
  const missing = indices.filter((index) => !cache.rows.has(keys.get(index)!));
  if (missing.length > 0) {
    const executable = await selectEngine("auto", { threads }).compile(backbone);
    try {
      let done = 0;
      for await (const batch of evaluationBatches({
        loader,
        indices: missing,
        batchSize: BATCH,
        preprocessing,
        targets: { multiLabel: true },
      })) {
        const n = batch.indices.length;
        const [{ data }] = await executable.run(tensor([n, ...backbone.graph.input.shape.slice(1)], batch.images));
        for (const [i, index] of batch.indices.entries()) {
          cache.rows.set(keys.get(index)!, data.slice(i * count, (i + 1) * count));
        }
        done += n;
        onProgress?.(done, missing.length);
        if (signal?.aborted) break;
      }
    } finally {
      executable.dispose();
      await cache.save();
    }
    signal?.throwIfAborted();
  }
  const readable = indices.filter((index) => cache.rows.has(keys.get(index)!));
  const data = new Float32Array(readable.length * count);
  for (const [i, index] of readable.entries()) data.set(cache.rows.get(keys.get(index)!)!, i * count);
  return { data, count, indices: readable };
}

/** The cached features of one backbone and preprocessing: a file with a row per picture ever computed. */
class FeatureCache {
  readonly rows: Map<string, Float32Array>;
  readonly #path: string;
  readonly #count: number;

  private constructor(path: string, count: number, rows: Map<string, Float32Array>) {
    this.#path = path;
    this.#count = count;
    this.rows = rows;
  }

  static async open(program: Program, preprocessing: Preprocessing, count: number): Promise<FeatureCache> {
    const key = createHash("sha256")
      .update(fingerprint({ program }))
      .update(JSON.stringify(preprocessing))
      .digest("hex");
    const path = join(cacheDir("features"), `${key.slice(0, 32)}.safetensors`);
    const rows = new Map<string, Float32Array>();
    try {
      const { tensors, metadata } = readSafetensors(await readFile(path), path);
      const data = tensors.features.data as Float32Array;
      for (const [i, file] of (JSON.parse(metadata.files) as string[]).entries()) {
        rows.set(file, data.subarray(i * count, (i + 1) * count));
      }
    } catch {
      // A missing or unusable cache is made again.
    }
    return new FeatureCache(path, count, rows);
  }

  async save(): Promise<void> {
    const data = new Float32Array(this.rows.size * this.#count);
    [...this.rows.values()].forEach((row, i) => {
      data.set(row, i * this.#count);
    });
    const metadata = { files: JSON.stringify([...this.rows.keys()]) };
    try {
      await mkdir(cacheDir("features"), { recursive: true });
      await writeAtomic(
        this.#path,
        writeSafetensors({ features: tensor([this.rows.size, this.#count], data) }, metadata),
      );
    } catch (error) {
      diagnostic(`warning: features are not kept for the next time: ${(error as Error).message}`);
    }
  }
}

/** Identifies a file by its path, size and modification time, like `make`. */
async function fileKey(path: string): Promise<string> {
  const { size = 0, mtimeMs = 0 } = (await stat(path).catch(() => undefined)) ?? {};
  const identity = JSON.stringify([resolve(path), size, mtimeMs]);
  return createHash("sha256").update(identity).digest("base64url").slice(0, 22);
}
