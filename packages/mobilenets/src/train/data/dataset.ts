import type { Picture } from "../../image/picture.ts";

/** Pictures with labels. Reading a picture may be slow, and may fail. Ids and labels are known in advance. */
export interface Dataset {
  /** Class names; labels are positions in this list. */
  readonly classes: readonly string[];
  readonly examples: readonly Example[];
  /**
   * The picture of `examples[index]`.
   * @throws ImageError if it cannot be decoded; training takes another picture instead
   * @throws ReadError if it cannot be read; training takes another picture instead. Any other error ends the run.
   */
  picture(index: number): Promise<Picture>;
}

/** A picture of a dataset, without its pixels. */
export interface Example {
  /**
   * Names the example in messages, and decides its part of a split and its augmentation. For a file it is the path
   * relative to the dataset, with forward slashes, which is the same on every machine.
   */
  readonly id: string;
  /** One label for plain classification, any number for multi-label. */
  readonly labels: readonly number[];
}

/** Receives a warning as a sentence; the run continues. */
export type Warn = (message: string) => void;

/** Counts the examples of each label. */
export function countLabels(dataset: Dataset, indices: Iterable<number>): number[] {
  const counts = new Array<number>(dataset.classes.length).fill(0);
  for (const i of indices) for (const label of dataset.examples[i]!.labels) counts[label]!++;
  return counts;
}
