import { availableParallelism } from "node:os";
import { OptionError } from "mobilenets";
import { DataLoader, DEFAULT_CACHE_BYTES, type LoaderOptions } from "mobilenets/train";
import type { FileDataset } from "./file-dataset.ts";
import { WorkerFiller } from "./worker-filler.ts";

/** Options of a loader of files. */
export interface FileLoaderOptions extends LoaderOptions {
  /**
   * Number of threads that decode and augment while the network trains. 0 uses this thread. The number does not change
   * the batches. Default: half of the processor's threads, at most four.
   */
  readonly workers?: number;
}

/**
 * Makes a loader of files. `close()` ends its threads.
 * @throws OptionError if `workers` is not a whole number, or is below 0
 */
export function fileLoader(dataset: FileDataset, options: FileLoaderOptions = {}): DataLoader {
  const { workers = Math.min(4, Math.ceil(availableParallelism() / 2)) } = options;
  if (!Number.isInteger(workers) || workers < 0) {
    throw new OptionError({ where: "workers", found: String(workers), expected: "a whole number, 0 or more" });
  }
  if (workers === 0) return new DataLoader(dataset, options);
  return new DataLoader(
    dataset,
    options,
    new WorkerFiller(dataset, workers, options.cacheBytes ?? DEFAULT_CACHE_BYTES),
  );
}
