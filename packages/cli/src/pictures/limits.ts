import type { Preprocessing } from "mobilenets";
import { innerKind } from "./inner-address.ts";

/** Limits for reading a picture from a file, standard input or a URL. */
export interface Limits {
  /** Most bytes of the file. */
  readonly maxBytes: number;
  /** Milliseconds from the first request to the last byte, redirects included. */
  readonly timeout: number;
  /** Most milliseconds without data. */
  readonly idleTimeout: number;
  /** The reason to refuse an IP address that a URL leads to. Undefined if it is allowed. */
  readonly refuseAddress: (address: string) => string | undefined;
  /** Most pixels of a decoded picture. */
  readonly maxPixels: number;
  /** Most bytes of all pictures read ahead. */
  readonly memoryBytes: number;
  /** Go on after many unreadable files in a row. */
  readonly keepGoing?: boolean;
  /** Decode JPEG files at a reduced scale that suffices for this input. Default: at their full size. */
  readonly reduceTo?: Preprocessing;
  /** Ends requests whose results are no longer needed. */
  readonly signal?: AbortSignal;
}

const MB = 1e6;
export const DEFAULT_MAX_MB = 256;
export const DEFAULT_TIMEOUT_SECONDS = 60;
/** The largest cameras have 150 megapixels. */
export const DEFAULT_MAX_MEGAPIXELS = 200;
export const DEFAULT_MEMORY_MB = 512;
const IDLE_TIMEOUT = 15_000;

/** Flags of the options that `addLimitOptions` adds. */
export interface LimitFlags {
  readonly maxMb?: number;
  readonly timeout?: number;
  readonly allowPrivate?: true;
  readonly maxMegapixels?: number;
  readonly memoryMb?: number;
  /** Of the commands that make parts. */
  readonly keepGoing?: true;
}

export function limitsOf(flags: LimitFlags = {}): Limits {
  const { maxMb = DEFAULT_MAX_MB, timeout = DEFAULT_TIMEOUT_SECONDS, allowPrivate } = flags;
  const { maxMegapixels = DEFAULT_MAX_MEGAPIXELS, memoryMb = DEFAULT_MEMORY_MB } = flags;
  return {
    maxBytes: maxMb * MB,
    maxPixels: maxMegapixels * 1e6,
    memoryBytes: memoryMb * MB,
    timeout: timeout * 1000,
    keepGoing: flags.keepGoing === true,
    idleTimeout: IDLE_TIMEOUT,
    refuseAddress: allowPrivate ? () => undefined : innerKind,
  };
}
