import type { Picture } from "../../image/picture.ts";

/** Pictures with labels. Reading a picture may be slow, and may fail. Ids and labels of all are known at once. */
export interface Dataset {
  /** Names; labels are positions in it. */
  readonly classes: readonly string[];
  readonly examples: readonly Example[];
  /**
   * The picture of `examples[index]`.
   * @throws ImageError if it cannot be decoded; training leaves it out, and takes another in its place
   * @throws ReadError if it cannot be read, likewise. Any other error ends the run.
   */
  picture(index: number): Promise<Picture>;
}

/** A picture of a dataset, without its pixels. */
export interface Example {
  /**
   * Names the example in messages, and decides into which part of a split it falls and how it is augmented: for a file
   * its path relative to the dataset, with forward slashes, which is the same on every machine.
   */
  readonly id: string;
  /** One for plain classification, any number for multi-label. */
  readonly labels: readonly number[];
}

/** Gets a sentence on what may not be meant so, and does not stop the run. */
export type Warn = (message: string) => void;

/** How many of these examples have each label. */
export function countLabels(dataset: Dataset, indices: Iterable<number>): number[] {
  const counts = new Array<number>(dataset.classes.length).fill(0);
  for (const i of indices) for (const label of dataset.examples[i]!.labels) counts[label]!++;
  return counts;
}
