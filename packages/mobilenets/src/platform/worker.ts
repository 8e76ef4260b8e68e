/** A thread that runs a script of ours, and what the host lets its callers do. `#worker` picks the file. */
export interface WorkerHost {
  /** Starts a thread on a classic script. Throws what the host throws where it forbids that; some tell `onFailure` instead. */
  startWorker(script: string): Thread;
  /** How many threads the machine runs at once. */
  parallelism(): number;
  /** Whether memory can be shared between threads: a page must be cross-origin isolated (COOP and COEP headers). */
  canShare(): boolean;
  /** Whether this thread may sleep in `Atomics.wait`; a page's main thread may not. */
  canBlock(): boolean;
  /** An environment variable; undefined where the host has none, or they may not be read. */
  environment(name: string): string | undefined;
  /** Lets the host handle events: input, timers, an abort. */
  yieldToHost(): Promise<void>;
}

export interface Thread {
  post(message: unknown): void;
  /** Sets what is called for each message that comes back. */
  onMessage(listener: () => void): void;
  /** Sets what is called when the thread dies of itself. */
  onFailure(listener: (reason: string) => void): void;
  /** Whether the program must wait for this thread before it may end. */
  hold(on: boolean): void;
  terminate(): void;
}
