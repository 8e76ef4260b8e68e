import { ReadError } from "mobilenets";
import type { Limits } from "./limits.ts";

/** Aborts its signal when all of a request takes too long, or nothing comes for too long. */
export class RequestTimer {
  readonly #controller = new AbortController();
  readonly #total: NodeJS.Timeout;
  readonly #idle: NodeJS.Timeout;
  readonly #outer?: AbortSignal;
  readonly #stop: () => void;

  constructor(where: string, { timeout, idleTimeout, signal }: Limits) {
    const stop = (found: string, hint?: string) => this.#controller.abort(new ReadError({ where, found, hint }));
    const total = () => stop(`not all there after ${timeout / 1000} s`, "--timeout sets the limit for a URL");
    this.#total = setTimeout(total, timeout);
    this.#idle = setTimeout(() => stop(`nothing came for ${idleTimeout / 1000} s`), idleTimeout);
    this.#outer = signal;
    this.#stop = () => stop("stopped");
    if (signal?.aborted) this.#stop();
    signal?.addEventListener("abort", this.#stop, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something came. */
  moved(): void {
    this.#idle.refresh();
  }

  end(): void {
    clearTimeout(this.#total);
    clearTimeout(this.#idle);
    this.#outer?.removeEventListener("abort", this.#stop);
  }
}
