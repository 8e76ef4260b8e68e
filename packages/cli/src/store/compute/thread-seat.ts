import { Worker } from "node:worker_threads";
import { EngineError } from "mobilenets";
import { MachineError } from "../../pictures/machine-error.ts";
import type { RunFlags } from "../../run-options.ts";
import type { Answer, ComputerSettings, Job } from "./computer.ts";
import type { Seat } from "./pool.ts";

/** Data that a thread starts with. */
export interface ThreadData {
  readonly flags: RunFlags;
  readonly settings: ComputerSettings;
}

export interface ThreadRequest {
  readonly id: number;
  readonly jobs: readonly Job[];
}

export type ThreadReply = { readonly id: number } & (
  | { readonly answers: readonly Answer[] }
  | { readonly failed: string; readonly machine?: ConstructorParameters<typeof MachineError>[0] }
);

interface Waiting {
  readonly resolve: (answers: Answer[]) => void;
  readonly reject: (error: Error) => void;
}

/** Runs a model in a thread of its own. The thread starts with the first batch. */
export class ThreadSeat implements Seat {
  readonly #data: ThreadData;
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #gone: Error | undefined;

  constructor(data: ThreadData) {
    this.#data = data;
  }

  compute(jobs: readonly Job[]): Promise<Answer[]> {
    if (this.#gone) return Promise.reject(this.#gone);
    try {
      this.#worker ??= this.#start();
    } catch (cause) {
      // A host's rule can forbid threads, such as Node's permission model.
      this.#gone = failure(`cannot start (${(cause as Error).message})`, "--threads 1 needs no other thread");
      return Promise.reject(this.#gone);
    }
    const worker = this.#worker;
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // The bytes are moved, not copied: this thread no longer needs them.
      worker.postMessage(
        { id, jobs } satisfies ThreadRequest,
        jobs.flatMap(({ bytes }) => whole(bytes)),
      );
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = start(this.#data);
    worker.on("message", (reply: ThreadReply) => this.#settle(reply));
    worker.on("error", (error) => this.#end(failure((error as Error).message)));
    worker.on("exit", () => this.#end(failure("it has ended")));
    return worker;
  }

  #settle(reply: ThreadReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ("answers" in reply) waiting?.resolve([...reply.answers]);
    else waiting?.reject(reply.machine ? new MachineError(reply.machine) : failure(reply.failed));
  }

  #end(error: Error): void {
    this.#gone ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#gone);
    this.#waiting.clear();
  }
}

/** The file's buffer, if the file fills it. */
function whole({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}

function failure(found: string, hint?: string): EngineError {
  return new EngineError({ where: "a thread that computes", found: `failed: ${found}`, hint });
}

/** Limits the heap of short-lived objects. By default, V8 collects it only at 48 MB. */
const resourceLimits = { maxYoungGenerationSizeMb: 6 };

function start(workerData: ThreadData): Worker {
  const options = { workerData, resourceLimits };
  if (!import.meta.url.endsWith(".ts")) return new Worker(new URL("./thread.js", import.meta.url), options);
  // Tests run from source. On Node 20, a worker needs a loader for TypeScript.
  const url = JSON.stringify(new URL("./thread.ts", import.meta.url).href);
  const script = `import("tsx/esm/api").then(({ register }) => { register(); return import(${url}); });`;
  return new Worker(script, { ...options, eval: true });
}
