import { startWorker } from "#worker";
import { EngineError } from "../../errors.ts";
import type { Thread } from "../../platform/worker.ts";
import { fits } from "../freed-memories.ts";
import { COMMAND, CONTROL, CONTROL_WORDS, workerScript } from "./script.ts";

/** A run in the form of the control block; see `CONTROL`. */
export type Job = { readonly [Field in Exclude<keyof typeof CONTROL, "generation" | "command">]: number };

/**
 * Bytes of disposed models' memories kept for the next models. V8 frees a shared memory late: it does not count it as
 * garbage, and waiting workers do not collect garbage.
 */
const KEPT_BYTES = 256 * 2 ** 20;

/** Milliseconds that workers outlive the last executable that used them. */
const LINGER = 500;

/** A module with its memory; all workers know it by its number. */
export interface Attachment {
  readonly number: number;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** The error for a host whose rules forbid workers. */
export class NoWorkers extends EngineError {
  constructor(reason: string, options?: ErrorOptions) {
    const found = `a host where worker threads cannot start (${reason})`;
    const hint = `use threads: 1, or allow them: in a page's content security policy by worker-src blob:, in Node by --allow-worker`;
    super({ where: "wasm engine", found, hint }, options);
  }
}

const pools = new Map<number, ThreadPool>();
let attachments = 0;

/** The pool of `threads - 1` workers that all executables with this many threads share. */
export function poolOf(threads: number): ThreadPool {
  let pool = pools.get(threads);
  if (!pool) {
    pool = new ThreadPool(threads);
    pools.set(threads, pool);
  }
  return pool;
}

/** Workers that hold instances of several executables and run one job at a time, together with the caller's thread. */
export class ThreadPool {
  readonly threads: number;
  readonly #control = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * CONTROL_WORDS));
  readonly #workers: Correspondent[];
  readonly #used = new Set<Attachment>();
  /** Attachments whose models were disposed, the oldest first. */
  readonly #free: Attachment[] = [];
  /** Settles when all workers are ready again. Message exchanges wait for it in turn. */
  #posted: Promise<void>;
  /** Whether workers are being told to listen. The control word must stay until all have answered. */
  #calling = false;
  #epoch = 0;
  #failure: string | null = null;
  #started = false;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(threads: number) {
    this.threads = threads;
    const onFailure = (reason: string) => this.fail(reason);
    this.#workers = Array.from({ length: threads - 1 }, () => new Correspondent(begin(), onFailure));
    this.#posted = this.#tell((rank) => ({ control: this.#control, rank, threads })).then(() => {
      this.#started = true;
    });
    // acquire() reports the error.
    this.#posted.catch(() => {});
  }

  /**
   * An attachment with at least `bytes` of memory, not necessarily zeros: a released one if it fits and is not much too
   * large, otherwise a new one.
   */
  async acquire(module: WebAssembly.Module, bytes: number, allocate: () => WebAssembly.Memory): Promise<Attachment> {
    clearTimeout(this.#linger);
    const i = this.#free.findIndex((attachment) => attachment.module === module && fits(attachment.memory, bytes));
    const attachment = i < 0 ? { number: attachments++, module, memory: allocate() } : this.#free.splice(i, 1)[0];
    this.#used.add(attachment);
    // A reused attachment needs this too: after all answers, no worker is in a run of the model that had it before.
    await this.#exchange(i < 0 ? { attach: attachment.number, module, memory: attachment.memory } : {});
    return attachment;
  }

  /** Releases an attachment. The workers end some time after the last release. */
  release(attachment: Attachment): void {
    if (!this.#used.delete(attachment) || this.#failure !== null) return;
    this.#free.push(attachment);
    while (this.#free.reduce((sum, { memory }) => sum + memory.buffer.byteLength, 0) > KEPT_BYTES) {
      const { number } = this.#free.shift() as Attachment;
      this.#exchange({ detach: number }).catch(() => {});
    }
    if (this.#used.size > 0) return;
    this.#linger = setTimeout(() => this.#end(), LINGER);
    if (typeof this.#linger === "object") this.#linger.unref();
  }

  /** Waits until the workers can take a job. @throws EngineError if a worker died */
  async ready(): Promise<void> {
    // Another exchange may have been queued during the wait.
    for (let last: Promise<void> | undefined; last !== this.#posted; ) {
      last = this.#posted;
      await last;
    }
    this.#check();
  }

  /** A 16-bit number for the next run, by which threads recognise data of another run. */
  nextEpoch(): number {
    this.#epoch = (this.#epoch % 0xffff) + 1;
    return this.#epoch;
  }

  /**
   * Starts a run on the workers and returns at once. The caller begins the work itself, and the workers join when they can.
   * During a message exchange the caller does all the work; that is rare soon after `ready()`.
   */
  start(job: Job): void {
    if (!this.#calling) this.#command({ command: COMMAND.run, ...job });
  }

  /** Ends all workers. Executables that still use them get an error with the reason. */
  fail(reason: string): EngineError {
    this.#failure ??= reason;
    this.#end();
    return this.#error();
  }

  #command(words: Partial<Job> & { readonly command: number }): void {
    Atomics.add(this.#control, CONTROL.generation, 1);
    for (const [field, value] of Object.entries(words)) {
      this.#control[CONTROL[field as keyof typeof CONTROL]] = value;
    }
    Atomics.add(this.#control, CONTROL.generation, 1);
    Atomics.notify(this.#control, CONTROL.generation);
  }

  /** Queues a message exchange: workers stop waiting for runs, take the message, and wait for runs again. */
  #exchange(message: object): Promise<void> {
    const exchange = this.#posted.then(async () => {
      this.#check();
      this.#calling = true;
      this.#command({ command: COMMAND.listen });
      await this.#tell(() => message).finally(() => {
        this.#calling = false;
      });
    });
    this.#posted = exchange.catch(() => {});
    return exchange;
  }

  /** Sends each worker its message and waits for all answers; the caller's thread has rank 0. */
  async #tell(message: (rank: number) => object): Promise<void> {
    await Promise.all(this.#workers.map((worker, i) => worker.ask(message(i + 1))));
    this.#check();
  }

  #check(): void {
    if (this.#failure !== null) throw this.#error();
  }

  #error(): EngineError {
    if (!this.#started) return new NoWorkers(this.#failure as string);
    const hint = "load the model again, with threads: 1 if it happens again";
    return new EngineError({ where: "wasm engine", found: `a worker thread failed: ${this.#failure}`, hint });
  }

  #end(): void {
    if (pools.get(this.threads) === this) pools.delete(this.threads);
    for (const worker of this.#workers) worker.terminate();
  }
}

/** @throws NoWorkers if the host refuses at once; other hosts refuse later, by an event */
function begin(): Thread {
  try {
    return startWorker(workerScript);
  } catch (cause) {
    throw new NoWorkers((cause as Error).message, { cause });
  }
}

/** A worker that answers every message. */
class Correspondent {
  readonly #thread: Thread;
  #answered: () => void = () => {};

  constructor(thread: Thread, onFailure: (reason: string) => void) {
    this.#thread = thread;
    thread.onMessage(() => this.#answered());
    thread.onFailure((reason) => {
      onFailure(reason);
      this.#answered();
    });
  }

  /** Resolves when the worker has answered or died. */
  async ask(message: object): Promise<void> {
    this.#thread.hold(true);
    await new Promise<void>((resolve) => {
      this.#answered = resolve;
      this.#thread.post(message);
    });
    this.#thread.hold(false);
  }

  terminate(): void {
    this.#thread.terminate();
    this.#answered();
  }
}
