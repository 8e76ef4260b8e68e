import { ReadError } from "./platform.ts";

/** Limits of a file's or response's size, and of a request's time. */
export interface ReadLimits {
  /** Most bytes of the decompressed content. Default 1 GiB. Infinity for no limit. */
  readonly maxBytes?: number;
  /** Most milliseconds to wait for the next byte. Default 30 seconds. Infinity for no limit. */
  readonly idleTimeout?: number;
  /** Most milliseconds for the whole request. Default 30 minutes. Infinity for no limit. */
  readonly timeout?: number;
}

export const MAX_BYTES = 2 ** 30;
const IDLE_TIMEOUT = 30_000;
const TIMEOUT = 30 * 60_000;

/** Aborts a request that waits or takes too long. */
export class RequestWatch {
  readonly #where: string;
  readonly #controller = new AbortController();
  readonly #idleTimeout: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;
  readonly #total: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;

  /** @param where the address, for error messages */
  constructor(where: string, { idleTimeout = IDLE_TIMEOUT, timeout = TIMEOUT }: ReadLimits, signal?: AbortSignal) {
    this.#where = where;
    this.#idleTimeout = idleTimeout;
    this.#signal = signal;
    this.#onAbort = () => this.#controller.abort(signal?.reason);
    if (signal?.aborted) this.#onAbort();
    signal?.addEventListener("abort", this.#onAbort);
    this.#total = this.#after(timeout, `no end within ${seconds(timeout)}`, "timeout");
    this.beat();
  }

  /** A signal for `fetch`. It aborts with a ReadError beyond a limit, or with the caller's reason. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Restarts the idle timeout after each received chunk. */
  beat(): void {
    clearTimeout(this.#idle);
    this.#idle = this.#after(this.#idleTimeout, `no byte for ${seconds(this.#idleTimeout)}`, "idleTimeout");
  }

  /** Stops the timers. Call it however the request ends. */
  done(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#total);
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }

  #after(ms: number, found: string, option: string): ReturnType<typeof setTimeout> | undefined {
    if (ms === Infinity) return undefined;
    const hint = `is the host busy? The option ${option} sets the limit`;
    return setTimeout(() => this.#controller.abort(new ReadError({ where: this.#where, found, hint })), ms);
  }
}

const seconds = (ms: number) => `${ms / 1000} seconds`;

/** @throws ReadError for content longer than the limit */
export function checkLength(where: string, length: number, { maxBytes = MAX_BYTES }: ReadLimits): void {
  if (length <= maxBytes) return;
  const hint = "if it is meant to be so long, the option maxBytes sets the limit";
  throw new ReadError({ where, found: "more bytes than expected", expected: `at most ${maxBytes}`, hint });
}

/**
 * The chunks of a response's body, with a limit on their total length.
 * @throws ReadError for a body that is too long; the watch's reason on abort
 */
export async function* chunksOf(
  response: Response,
  where: string,
  watch: RequestWatch,
  limits: ReadLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  let length = 0;
  try {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      watch.beat();
      length += next.value.length;
      checkLength(where, length, limits);
      yield next.value;
    }
  } finally {
    // If the caller stops early, the download stops too.
    reader?.cancel().catch(() => {});
  }
}

/** Joins chunks into one array. */
export function joinChunks(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
