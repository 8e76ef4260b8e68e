import { ReadError } from "./platform.ts";

/** How much a file or an answer may be, and how long a request may take. */
export interface ReadLimits {
  /** Bytes of the content, once it is unpacked. Default 1 GiB. Infinity for no limit. */
  readonly maxBytes?: number;
  /** Milliseconds that a request may wait for the next byte. Default 30 seconds. Infinity for no limit. */
  readonly idleTimeout?: number;
  /** Milliseconds that a request may take in all. Default 30 minutes. Infinity for no limit. */
  readonly timeout?: number;
}

export const MAX_BYTES = 2 ** 30;
const IDLE_TIMEOUT = 30_000;
const TIMEOUT = 30 * 60_000;

/** Ends a request that waits or takes too long. */
export class RequestWatch {
  readonly #where: string;
  readonly #controller = new AbortController();
  readonly #idleTimeout: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;
  readonly #total: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;

  /** @param where the address, for error texts */
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

  /** For `fetch`. Aborts with a ReadError where a limit is passed, else with the caller's reason. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** A byte has come. */
  beat(): void {
    clearTimeout(this.#idle);
    this.#idle = this.#after(this.#idleTimeout, `no byte for ${seconds(this.#idleTimeout)}`, "idleTimeout");
  }

  /** To be called however the request ends. */
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

/** @throws ReadError for what is longer than a limit */
export function checkLength(where: string, length: number, { maxBytes = MAX_BYTES }: ReadLimits): void {
  if (length <= maxBytes) return;
  const hint = "if it is meant to be so long, the option maxBytes sets the limit";
  throw new ReadError({ where, found: "more bytes than expected", expected: `at most ${maxBytes}`, hint });
}

/**
 * The chunks of an answer's body, none of which may make it too long.
 * @throws ReadError for one that is too long; whatever the watch aborts with
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
    // Whoever stops early lets the host stop too.
    reader?.cancel().catch(() => {});
  }
}

/** Chunks as one. */
export function joinChunks(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
