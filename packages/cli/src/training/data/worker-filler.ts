import { Worker } from "node:worker_threads";
import { EngineError } from "mobilenets";
import type { Filler, Recipe, Rows, Unreadable } from "mobilenets/train";
import { MachineError } from "../../pictures/machine-error.ts";
import type { FileDataset } from "./file-dataset.ts";

/** Data that a worker starts with. */
export interface WorkerFiles {
  readonly ids: readonly string[];
  readonly paths: readonly string[];
  readonly cacheBytes: number;
}

/** A worker's share of a batch. `images` is shared memory. */
export interface Job {
  readonly number: number;
  readonly rows: Rows;
  readonly recipe: Recipe;
  readonly images: Float32Array;
}

export type Answer = { readonly number: number } & (
  | { readonly unreadable: readonly Unreadable[] }
  | { readonly error: string }
  /** The fields of a MachineError, which loses its class between threads. */
  | { readonly machine: ConstructorParameters<typeof MachineError>[0] }
);

/**
 * Fills batches on threads. Example i always belongs to worker `i mod count`, so only one worker caches a picture. The
 * order in which workers finish changes nothing.
 */
export class WorkerFiller implements Filler {
  readonly #workers: PictureWorker[];

  constructor({ examples, paths }: FileDataset, count: number, cacheBytes: number) {
    const files = { ids: examples.map(({ id }) => id), paths, cacheBytes: Math.floor(cacheBytes / count) };
    this.#workers = Array.from({ length: count }, () => new PictureWorker(files));
  }

  allocate(length: number): Float32Array {
    return new Float32Array(new SharedArrayBuffer(4 * length));
  }

  async fill({ indices, positions }: Rows, recipe: Recipe, images: Float32Array): Promise<readonly Unreadable[]> {
    const answers = this.#workers.map((worker, w) => {
      const own = [...indices.keys()].filter((i) => indices[i]! % this.#workers.length === w);
      if (own.length === 0) return [];
      const rows = { indices: own.map((i) => indices[i]!), positions: own.map((i) => positions[i]!) };
      return worker.fill(rows, recipe, images);
    });
    return (await Promise.all(answers)).flat();
  }

  close(): void {
    for (const worker of this.#workers) worker.terminate();
  }
}

interface Pending {
  resolve(unreadable: readonly Unreadable[]): void;
  reject(error: Error): void;
}

class PictureWorker {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #next = 0;
  #failure: Error | undefined;

  constructor(files: WorkerFiles) {
    this.#worker = start(files);
    this.#worker.unref();
    this.#worker.on("message", (answer: Answer) => {
      if ("error" in answer) this.#fail(answer.error);
      else if ("machine" in answer) this.#stop(new MachineError(answer.machine));
      else this.#settle(answer.number, answer.unreadable);
    });
    this.#worker.on("error", (error: Error) => this.#fail(error.message));
    this.#worker.on("exit", () => this.#fail("it ended"));
  }

  fill(rows: Rows, recipe: Recipe, images: Float32Array): Promise<readonly Unreadable[]> {
    if (this.#failure) return Promise.reject(this.#failure);
    const number = this.#next++;
    // The program must wait for an answer, but not for an idle worker.
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#pending.set(number, { resolve, reject });
      this.#worker.postMessage({ number, rows, recipe, images } satisfies Job);
    });
  }

  terminate(): void {
    void this.#worker.terminate();
  }

  #settle(number: number, unreadable: readonly Unreadable[]): void {
    this.#pending.get(number)?.resolve(unreadable);
    this.#pending.delete(number);
    if (this.#pending.size === 0) this.#worker.unref();
  }

  #fail(reason: string): void {
    const hint = "use --workers 0 if it happens again";
    this.#stop(new EngineError({ where: "picture worker", found: `failed: ${reason}`, hint }));
  }

  #stop(failure: Error): void {
    this.#failure ??= failure;
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
    this.#worker.unref();
  }
}

function start(files: WorkerFiles): Worker {
  const options = { workerData: files };
  if (!import.meta.url.endsWith(".ts")) return new Worker(new URL("./worker.js", import.meta.url), options);
  // Tests run from source. On Node 20, a worker needs a loader for TypeScript.
  const url = JSON.stringify(new URL("./worker.ts", import.meta.url).href);
  const script = `import("tsx/esm/api").then(({ register }) => { register(); return import(${url}); });`;
  return new Worker(script, { ...options, eval: true });
}
