import { Worker } from "node:worker_threads";
import { EngineError, OptionError, type Picture, ReadError } from "mobilenets";
import type { Job, ModelReply, ModelRequest, ModelThreadData, ModelValue } from "./model-messages.ts";

interface Waiting {
  readonly resolve: (values: readonly ModelValue[]) => void;
  readonly reject: (error: Error) => void;
}

/** Runs a model in a thread of its own. */
export class ModelThread {
  /** Resolves when the model is loaded and has run once. */
  readonly ready: Promise<{ readonly name: string; readonly classes: number }>;
  /** Rejects when the thread fails, or ends by itself. */
  readonly ended: Promise<never>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;

  constructor(data: ModelThreadData) {
    this.#worker = new Worker(new URL("./model-worker.js", import.meta.url), { workerData: data });
    let end: (error: Error) => void;
    this.ended = new Promise((_, reject) => {
      end = reject;
    });
    this.ended.catch(() => {});
    this.ready = new Promise((resolve, reject) => {
      this.#worker.on("message", (reply: ModelReply) => {
        if ("ready" in reply) resolve(reply.ready);
        else if ("failed" in reply) reject(failure(reply.failed));
        else this.#settle(reply);
      });
      const gone = (error: Error) => {
        reject(error);
        end(error);
        for (const { reject: fail } of this.#waiting.values()) fail(error);
        this.#waiting.clear();
      };
      this.#worker.on("error", gone);
      this.#worker.on("exit", () => gone(failure({ name: "EngineError", message: "the model's thread has ended" })));
    });
    this.ready.catch(() => {});
  }

  /** Computes one value per picture. The pictures' memory moves to the thread, so they are empty afterwards. */
  run(job: Job, pictures: readonly Picture[]): Promise<readonly ModelValue[]> {
    const id = this.#next++;
    const request: ModelRequest = { id, job, pictures };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const buffers = new Set(pictures.flatMap(({ data }) => (ownsBuffer(data) ? [data.buffer as ArrayBuffer] : [])));
      this.#worker.postMessage(request, [...buffers]);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(reply: Exclude<ModelReply, { ready: object } | { failed: object }>): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ("error" in reply) waiting?.reject(failure(reply.error));
    else waiting?.resolve(reply.values);
  }
}

/** A shared buffer cannot move, such as Node's pool for small buffers. */
function ownsBuffer({ buffer, byteLength }: Uint8Array | Uint8ClampedArray): boolean {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
}

/** Restores the class of an error, which it loses between threads. */
function failure({ name, message }: { readonly name: string; readonly message: string }): Error {
  const [where, ...rest] = message.split(": ");
  const parts = { where, found: rest.join(": ") };
  if (name === "OptionError") return new OptionError(parts);
  return name === "ReadError" ? new ReadError(parts) : new EngineError(parts);
}
