/** One end of the connection between a page and a model's thread. */
export interface Port {
  /** Sends a message. @param transfer objects to transfer. @throws the host's error for a value it cannot copy */
  post(message: unknown, transfer?: readonly unknown[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Sets the listener for a thread that cannot start, or ends unexpectedly. */
  onEnd(listener: (reason: string) => void): void;
  /** Whether the program must wait for the thread before it may end. */
  hold(on: boolean): void;
  /** Ends the thread. */
  close(): void;
}

/**
 * A worker that the caller started, of a browser or `node:worker_threads`. Its script only imports
 * `mobilenets/worker/thread`.
 */
export interface WorkerLike {
  postMessage(...args: never[]): void;
  terminate(): unknown;
}

/** The page's side of the connection. `#thread` is the host's file. */
export interface ThreadHost {
  /** Starts a thread, or uses the given one. */
  startThread(given?: WorkerLike): Port;
  /** Makes an address absolute for the thread: relative ones are the page's. */
  absolute(address: string): string;
}

/**
 * The thread's side of the connection. `#own-port` is the host's file, separate from the one that starts threads: a
 * bundler would otherwise find the thread's script inside itself, and Turbopack would never end.
 */
export interface OwnPort {
  /** The port to the starter of this thread. */
  ownPort(): Port;
}
