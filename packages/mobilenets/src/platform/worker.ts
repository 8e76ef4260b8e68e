/** Starts threads with our own scripts, and describes the host. `#worker` is the host's file. */
export interface WorkerHost {
  /** Starts a thread with a classic script. @throws the host's error if it forbids that; some call `onFailure` instead */
  startWorker(script: string): Thread;
  /** Number of threads that the machine runs at once. */
  parallelism(): number;
  /** Whether memory can be shared between threads: a page must be cross-origin isolated (COOP and COEP headers). */
  canShare(): boolean;
  /** Whether this thread may sleep in `Atomics.wait`; a page's main thread may not. */
  canBlock(): boolean;
  /** An environment variable; undefined if the host has none, or does not allow access. */
  environment(name: string): string | undefined;
  /** Lets the host handle events: input, timers, an abort. */
  yieldToHost(): Promise<void>;
}

export interface Thread {
  post(message: unknown): void;
  /** Sets the listener for messages of the thread. */
  onMessage(listener: () => void): void;
  /** Sets the listener for a thread that dies. */
  onFailure(listener: (reason: string) => void): void;
  /** Whether the program must wait for this thread before it may end. */
  hold(on: boolean): void;
  terminate(): void;
}
