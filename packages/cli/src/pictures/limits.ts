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
  /** Of a picture once it is decoded. */
  readonly maxPixels: number;
  /** That pictures read ahead may hold together. */
  readonly memoryBytes: number;
  /** Ends requests that nobody waits for any more. */
  readonly signal?: AbortSignal;
}

const MB = 1e6;
export const DEFAULT_MAX_MB = 256;
export const DEFAULT_TIMEOUT_SECONDS = 60;
/** The largest cameras have 150. */
export const DEFAULT_MAX_MEGAPIXELS = 200;
export const DEFAULT_MEMORY_MB = 512;
const IDLE_TIMEOUT = 15_000;

/** Flags of the options that `addPictureOptions` adds, as far as they are limits. */
export interface LimitFlags {
  readonly maxMb?: number;
  readonly timeout?: number;
  readonly allowPrivate?: true;
  readonly maxMegapixels?: number;
  readonly memoryMb?: number;
}

export function limitsOf(flags: LimitFlags = {}): Limits {
  const { maxMb = DEFAULT_MAX_MB, timeout = DEFAULT_TIMEOUT_SECONDS, allowPrivate } = flags;
  const { maxMegapixels = DEFAULT_MAX_MEGAPIXELS, memoryMb = DEFAULT_MEMORY_MB } = flags;
  return {
    maxBytes: maxMb * MB,
    maxPixels: maxMegapixels * 1e6,
    memoryBytes: memoryMb * MB,
    timeout: timeout * 1000,
    idleTimeout: IDLE_TIMEOUT,
    refuseAddress: allowPrivate ? () => undefined : innerKind,
  };
}
