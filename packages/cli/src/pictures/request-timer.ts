import { ReadError } from "mobilenets";
import type { Limits } from "./limits.ts";

/** Aborts its signal when a whole request takes too long, or no data comes for too long. */
export class RequestTimer {
  readonly #where: string;
  readonly #controller = new AbortController();
  readonly #total: NodeJS.Timeout;
  readonly #idleTimeout: number;
  #idle: NodeJS.Timeout;
  readonly #outer?: AbortSignal;
  readonly #stop: () => void;

  constructor(where: string, { timeout, idleTimeout, signal }: Limits) {
    this.#where = where;
    const stop = (found: string, hint?: string) => this.#controller.abort(new ReadError({ where, found, hint }));
    const total = () => stop(`not complete after ${timeout / 1000} s`, "--timeout sets the limit for a URL");
    // Node takes a longer time for 1 ms.
    this.#total = setTimeout(total, Math.min(timeout, 2 ** 31 - 1));
    this.#idleTimeout = idleTimeout;
    this.#idle = this.#waitForNext();
    this.#outer = signal;
    this.#stop = () => stop("stopped");
    if (signal?.aborted) this.#stop();
    signal?.addEventListener("abort", this.#stop, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Restarts the idle time after data has come. */
  moved(): void {
    clearTimeout(this.#idle);
    this.#idle = this.#waitForNext();
  }

  /** Stops the idle time while the caller takes no data. */
  pause(): void {
    clearTimeout(this.#idle);
  }

  #waitForNext(): NodeJS.Timeout {
    const found = `no data for ${this.#idleTimeout / 1000} s`;
    return setTimeout(() => this.#controller.abort(new ReadError({ where: this.#where, found })), this.#idleTimeout);
  }

  end(): void {
    clearTimeout(this.#total);
    clearTimeout(this.#idle);
    this.#outer?.removeEventListener("abort", this.#stop);
  }
}
