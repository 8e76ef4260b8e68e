import type { RunFlags } from "../run-options.ts";

/** Flags of `serve`. */
export interface ServeFlags extends RunFlags {
  readonly host: string;
  readonly port: number;
  readonly store?: string;
  /** Threads with a copy of the model each. */
  readonly workers: number;
  readonly maxBatch: number;
  readonly maxDelay: number;
  readonly maxQueue: number;
  readonly maxBody: number;
  readonly tokens?: string;
  /** Requests a minute of one caller. */
  readonly rate?: number;
  readonly cors?: readonly string[];
  readonly urls?: true;
  readonly allowPrivate?: true;
  readonly maxMegapixels?: number;
  readonly memoryMb?: number;
}
