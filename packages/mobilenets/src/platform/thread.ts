/** One end of the wire between a page and the thread that holds a model. */
export interface Port {
  /** @param transfer what is handed over instead of copied. Throws what the host throws for what it cannot copy. */
  post(message: unknown, transfer?: readonly unknown[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Sets what is called when the thread cannot start, or ends of itself. */
  onEnd(listener: (reason: string) => void): void;
  /** Whether the program must wait for the thread before it may end. */
  hold(on: boolean): void;
  /** Ends the thread. */
  close(): void;
}

/**
 * A worker that the caller has started: of a browser, or of `node:worker_threads`. Its script imports
 * `mobilenets/worker/thread`, and does nothing else.
 */
export interface WorkerLike {
  postMessage(...args: never[]): void;
  terminate(): unknown;
}

/** The page's side. `#thread` picks the host's file. */
export interface ThreadHost {
  /** Starts the thread, or takes the one that is given. */
  startThread(given?: WorkerLike): Port;
  /** An address as the thread has to be told it: relative ones are the page's. */
  absolute(address: string): string;
}

/**
 * The thread's side. `#own-port` picks the host's file, which is not the one that starts threads: a bundler would find the
 * thread's script in that script again, and Turbopack never ends then.
 */
export interface OwnPort {
  /** The wire to who started this thread. */
  ownPort(): Port;
}
