import { OptionError } from "../../errors.ts";
import { countLabels, type Dataset, type Warn } from "./dataset.ts";
import { hashText } from "./hash.ts";

/** Positions in `dataset.examples`, ascending. */
export interface Split {
  readonly train: readonly number[];
  readonly validation: readonly number[];
}

/** Options of `split`. */
export interface SplitOptions {
  /** Share of the examples for validation, in [0, 1). Default 0.1. */
  readonly validation?: number;
  readonly seed?: number;
  /** Called for a class without pictures, or without pictures for validation. */
  readonly onWarning?: Warn;
}

/**
 * Divides a dataset by a hash of each example's id: an example stays on its side when others are added or removed, on
 * every host. One exception: if all examples of a class fall into validation, the one with the highest hash trains, since
 * a class without training is never recognised.
 * @throws OptionError if `validation` is out of range
 */
export function split(dataset: Dataset, options: SplitOptions = {}): Split {
  const { validation: share = 0.1, seed = 0, onWarning } = options;
  if (!(share >= 0 && share < 1)) {
    throw new OptionError({ where: "validation", found: String(share), expected: "a share of 0 or more and below 1" });
  }
  const hashes = dataset.examples.map(({ id }) => hashText(id, seed));
  const all = [...hashes.keys()];
  const trains = hashes.map((hash) => hash / 2 ** 32 >= share);
  const side = (train: boolean) => all.filter((i) => trains[i] === train);

  const labels = countLabels(dataset, all);
  const trained = countLabels(dataset, side(true));
  for (const label of dataset.classes.keys()) {
    if (labels[label] === 0 || trained[label]! > 0) continue;
    const own = all.filter((i) => dataset.examples[i]!.labels.includes(label));
    trains[own.reduce((best, i) => (hashes[i]! > hashes[best]! ? i : best))] = true;
  }
  const result = { train: side(true), validation: side(false) };
  if (share > 0) {
    for (const [label, count] of countLabels(dataset, result.validation).entries()) {
      const name = `class ${JSON.stringify(dataset.classes[label])}`;
      if (labels[label]! === 0) onWarning?.(`${name}: no pictures, so it will not be recognised`);
      else if (count === 0) onWarning?.(`${name}: ${labels[label]} to train with, none to validate with`);
    }
  }
  return result;
}
