import type { Picture, Prediction } from "mobilenets";
import type { RunFlags } from "../run-options.ts";

/** What the thread of the model is started with. */
export interface ModelThreadData {
  readonly flags: RunFlags;
  /** A folder of `extract`, whose model it is then. */
  readonly store?: string;
}

export type Job = "classify" | "embed" | "search";

/** A batch for the model. */
export interface ModelRequest {
  readonly id: number;
  readonly job: Job;
  readonly pictures: readonly Picture[];
}

/** For `classify` the best classes, at most `MOST_CLASSES`, best first. */
export type ModelValue = readonly Prediction[] | Float32Array;

/** Classes that a request may ask for. */
export const MOST_CLASSES = 100;

export type ModelReply =
  | { readonly ready: { readonly name: string; readonly classes: number } }
  | { readonly failed: { readonly name: string; readonly message: string } }
  | { readonly id: number; readonly values: readonly ModelValue[] }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } };
