import type { RunFlags } from "../run-options.ts";

/** Flags of `serve`. */
export interface ServeFlags extends RunFlags {
  readonly host: string;
  readonly port: number;
  readonly store?: string;
  /** Number of threads, each with a copy of the model. */
  readonly workers: number;
  readonly maxBatch: number;
  readonly maxDelay: number;
  readonly maxQueue: number;
  readonly maxBody: number;
  readonly tokens?: string;
  /** Most requests per minute of one caller. */
  readonly rate?: number;
  readonly cors?: readonly string[];
  readonly urls?: true;
  readonly allowPrivate?: true;
  readonly maxMegapixels?: number;
  readonly memoryMb?: number;
}
