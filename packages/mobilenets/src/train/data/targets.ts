import { OptionError } from "../../errors.ts";
import { countLabels, type Dataset } from "./dataset.ts";

/** How labels become training targets. */
export interface TargetOptions {
  /** Any number of labels per example, for the sigmoid loss. Otherwise each has one, for softmax. */
  readonly multiLabel?: boolean;
  /**
   * The share e of a target that is spread evenly: over the k classes, `(1 - e) y + e / k`; with several labels over yes
   * and no, `(1 - e) y + e / 2`. In [0, 1), usually 0.1.
   */
  readonly labelSmoothing?: number;
  /**
   * A factor for each class, which multiplies the row of each of its examples. `balanced` gives all classes equal weight:
   * `n / (k n_c)` for k classes with n_c of n examples. Not for several labels.
   */
  readonly classWeights?: "balanced" | readonly number[];
}

/** Returns the target rows of examples, one after another. */
export type Targets = (indices: readonly number[]) => Float32Array;

/**
 * @param indices the training examples, which `balanced` counts
 * @throws OptionError if an option is out of range, or an example must have one label and does not
 */
export function targetsOf(dataset: Dataset, indices: readonly number[], options: TargetOptions = {}): Targets {
  const { multiLabel = false, labelSmoothing: smoothing = 0 } = options;
  const { classes, examples } = dataset;
  if (!(smoothing >= 0 && smoothing < 1)) {
    throw new OptionError({ where: "labelSmoothing", found: String(smoothing), expected: "0 or more, below 1" });
  }
  if (!multiLabel) checkSingle(dataset, indices);
  const weights = classWeights(dataset, indices, options);
  const count = classes.length;
  const base = smoothing / (multiLabel ? 2 : count);
  return (wanted) => {
    const rows = new Float32Array(wanted.length * count).fill(base);
    for (const [i, index] of wanted.entries()) {
      const { labels } = examples[index]!;
      for (const label of labels) rows[i * count + label] = 1 - smoothing + base;
      const weight = weights?.[labels[0]!] ?? 1;
      if (weight === 1) continue;
      for (let c = 0; c < count; c++) rows[i * count + c]! *= weight;
    }
    return rows;
  };
}

function checkSingle({ examples }: Dataset, indices: readonly number[]): void {
  const bad = indices.find((i) => examples[i]!.labels.length !== 1);
  if (bad === undefined) return;
  const { id, labels } = examples[bad]!;
  const hint = "train with several labels per picture (multiLabel) if that is meant";
  throw new OptionError({ where: id, found: `${labels.length} labels`, expected: "one", hint });
}

function classWeights(
  dataset: Dataset,
  indices: readonly number[],
  { classWeights: given, multiLabel }: TargetOptions,
): readonly number[] | undefined {
  if (given === undefined) return undefined;
  const where = "classWeights";
  const count = dataset.classes.length;
  if (multiLabel) throw new OptionError({ where, found: "given with multiLabel", expected: "one of the two" });
  if (given === "balanced") return balancedWeights(dataset, indices);
  if (given.length !== count || given.some((w) => !Number.isFinite(w) || w < 0)) {
    throw new OptionError({ where, found: given.join(", "), expected: `${count} numbers of 0 or more` });
  }
  return given;
}

/** `n / (k n_c)`; classes without an example are not counted among the k and have weight 0. */
export function balancedWeights(dataset: Dataset, indices: readonly number[]): number[] {
  const counts = countLabels(dataset, indices);
  const present = counts.filter((n) => n > 0).length;
  return counts.map((n) => (n === 0 ? 0 : indices.length / (present * n)));
}
