import type { Picture, Prediction } from "mobilenets";
import type { RunFlags } from "../run-options.ts";

/** Data that the model's thread starts with. */
export interface ModelThreadData {
  readonly flags: RunFlags;
  /** A folder of `extract`. The thread then loads the folder's model. */
  readonly store?: string;
}

export type Job = "classify" | "embed" | "search";

/** A batch for the model. */
export interface ModelRequest {
  readonly id: number;
  readonly job: Job;
  readonly pictures: readonly Picture[];
}

/** For `classify`, at most `MOST_CLASSES` classes, best first. Otherwise a vector. */
export type ModelValue = readonly Prediction[] | Float32Array;

/** Most classes that a request can ask for. */
export const MOST_CLASSES = 100;

export type ModelReply =
  | { readonly ready: { readonly name: string; readonly classes: number } }
  | { readonly failed: { readonly name: string; readonly message: string } }
  | { readonly id: number; readonly values: readonly ModelValue[] }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } };
