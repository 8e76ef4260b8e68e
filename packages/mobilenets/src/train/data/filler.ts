import type { Preprocessing } from "../../image/preprocessing.ts";
import type { Augmentation } from "./augmentation.ts";

/** Makes network inputs of pictures, on this thread (`picture-filler.ts`) or on others. */
export interface Filler {
  /** Memory that all who fill can write to. */
  allocate(length: number): Float32Array;
  /**
   * Makes the input of example `indices[i]` and writes it as image number `positions[i]` into `images`.
   * @returns the rows it could not fill, in any order
   */
  fill(rows: Rows, recipe: Recipe, images: Float32Array): Promise<readonly Unreadable[]>;
  close(): void;
}

/** Examples, and where in a batch they go. */
export interface Rows {
  readonly indices: readonly number[];
  readonly positions: readonly number[];
}

/** How pictures become inputs; plain data, so that it can be sent to a thread. */
export interface Recipe {
  readonly preprocessing: Preprocessing;
  /** Without it a picture is prepared exactly as for inference. */
  readonly training?: { readonly augmentation: Augmentation; readonly seed: number; readonly epoch: number };
}

/** An example whose picture cannot be read. */
export interface Unreadable {
  readonly index: number;
  readonly position: number;
  /** What is wrong, with the picture's name. */
  readonly message: string;
}
