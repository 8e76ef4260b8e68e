import { innerKind } from "./inner-address.ts";

/** What may be spent on a picture: a file, standard input, or what is behind a URL. */
export interface Limits {
  /** Of its file. */
  readonly maxBytes: number;
  /** Milliseconds from the first request to the last byte, redirects included. */
  readonly timeout: number;
  /** Milliseconds in which nothing comes. */
  readonly idleTimeout: number;
  /** What is wrong with an IP address that a URL leads to; undefined if it may be asked. */
  readonly refuseAddress: (address: string) => string | undefined;
  /** Ends requests that nobody waits for any more. */
  readonly signal?: AbortSignal;
}

const MB = 1e6;
export const DEFAULT_MAX_MB = 256;
export const DEFAULT_TIMEOUT_SECONDS = 60;
const IDLE_TIMEOUT = 15_000;

/** Flags of the options that `addPictureOptions` adds, as far as they are limits. */
export interface LimitFlags {
  readonly maxMb?: number;
  readonly timeout?: number;
  readonly allowPrivate?: true;
}

export function limitsOf(flags: LimitFlags = {}): Limits {
  const { maxMb = DEFAULT_MAX_MB, timeout = DEFAULT_TIMEOUT_SECONDS, allowPrivate } = flags;
  return {
    maxBytes: maxMb * MB,
    timeout: timeout * 1000,
    idleTimeout: IDLE_TIMEOUT,
    refuseAddress: allowPrivate ? () => undefined : innerKind,
  };
}
