import { availableParallelism } from "node:os";
import { OptionError } from "mobilenets";
import { DataLoader, DEFAULT_CACHE_BYTES, type LoaderOptions } from "mobilenets/train";
import type { FileDataset } from "./file-dataset.ts";
import { WorkerFiller } from "./worker-filler.ts";

export interface FileLoaderOptions extends LoaderOptions {
  /**
   * Threads that decode and augment while the network trains; 0: all on this thread. Changes the speed, never the
   * batches. Default: half of the machine's, four at most.
   */
  readonly workers?: number;
}

/** A loader of files; close it to end its threads. @throws OptionError if `workers` is not a whole number */
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
