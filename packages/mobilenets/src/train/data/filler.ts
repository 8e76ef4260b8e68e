import type { Preprocessing } from "../../image/preprocessing.ts";
import type { Augmentation } from "./augmentation.ts";

/** Turns pictures into network inputs, on this thread (`picture-filler.ts`) or on others. */
export interface Filler {
  /** Allocates memory that every filling thread can write to. */
  allocate(length: number): Float32Array;
  /**
   * Makes the input of example `indices[i]` and writes it as image number `positions[i]` into `images`.
   * @returns the rows that could not be filled, in any order
   */
  fill(rows: Rows, recipe: Recipe, images: Float32Array): Promise<readonly Unreadable[]>;
  close(): void;
}

/** Examples and their positions in a batch. */
export interface Rows {
  readonly indices: readonly number[];
  readonly positions: readonly number[];
}

/** How pictures become inputs: plain data, which a thread can receive. */
export interface Recipe {
  readonly preprocessing: Preprocessing;
  /** Without it a picture is prepared exactly as for inference. */
  readonly training?: { readonly augmentation: Augmentation; readonly seed: number; readonly epoch: number };
}

/** An example whose picture cannot be read. */
export interface Unreadable {
  readonly index: number;
  readonly position: number;
  /** Error message; it names the picture. */
  readonly message: string;
}
