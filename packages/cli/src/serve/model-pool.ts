import type { Picture } from "mobilenets";
import type { Job, ModelThreadData, ModelValue } from "./model-messages.ts";
import { ModelThread } from "./model-thread.ts";

/** The same model in several threads. Each batch goes to the thread with the fewest batches. */
export class ModelPool {
  /** Resolves when all threads have loaded the model and run it once. */
  readonly ready: ModelThread["ready"];
  /** Rejects when a thread fails, or ends by itself. */
  readonly ended: Promise<never>;
  readonly size: number;
  readonly #threads: readonly { readonly thread: ModelThread; running: number }[];

  constructor(size: number, data: ModelThreadData) {
    this.size = size;
    this.#threads = Array.from({ length: size }, () => ({ thread: new ModelThread(data), running: 0 }));
    this.ready = Promise.all(this.#threads.map(({ thread }) => thread.ready)).then(([first]) => first);
    this.ready.catch(() => {});
    this.ended = Promise.race(this.#threads.map(({ thread }) => thread.ended));
    this.ended.catch(() => {});
  }

  /** Computes one value per picture. The pictures' memory moves to a thread, so they are empty afterwards. */
  async run(job: Job, pictures: readonly Picture[]): Promise<readonly ModelValue[]> {
    const idlest = this.#threads.reduce((a, b) => (b.running < a.running ? b : a));
    idlest.running++;
    try {
      return await idlest.thread.run(job, pictures);
    } finally {
      idlest.running--;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ thread }) => thread.close()));
  }
}
