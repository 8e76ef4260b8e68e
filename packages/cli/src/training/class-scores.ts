import type { Verdict } from "mobilenets/train";
import { printable } from "../printable.ts";
import { table } from "../table.ts";

/** Precision and recall of a class. */
export interface ClassScore {
  readonly name: string;
  /** Number of pictures of this class. */
  readonly count: number;
  /** Share of right predictions among those of this class. NaN if there are none. */
  readonly precision: number;
  /** Share of right predictions among the pictures of this class. NaN if there are none. */
  readonly recall: number;
}

/** Counts the pictures of each class by predicted class: `matrix[label][predicted]`. */
export function confusionOf(verdicts: readonly Verdict[], classes: number): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { label, predicted } of verdicts) matrix[label][predicted]++;
  return matrix;
}

export function classScores(matrix: readonly (readonly number[])[], names: readonly string[]): ClassScore[] {
  return names.map((name, c) => {
    const count = matrix[c].reduce((sum, n) => sum + n, 0);
    const taken = matrix.reduce((sum, row) => sum + row[c], 0);
    return { name, count, precision: matrix[c][c] / taken, recall: matrix[c][c] / count };
  });
}

/** A table with a line per class. */
export function classTable(scores: readonly ClassScore[]): string[] {
  const share = (x: number) => (Number.isNaN(x) ? "-" : x.toFixed(3));
  const rows = scores.map(({ name, count, precision, recall }) => [
    printable(name),
    String(count),
    share(precision),
    share(recall),
  ]);
  return table([["class", "pictures", "precision", "recall"], ...rows], "lrrr");
}

export interface Confusion {
  readonly label: string;
  readonly predicted: string;
  readonly count: number;
}

/** The most frequent confusions, most frequent first. */
export function commonConfusions(
  matrix: readonly (readonly number[])[],
  names: readonly string[],
  most: number,
): Confusion[] {
  return matrix
    .flatMap((row, label) =>
      row.map((count, predicted) => ({ label: names[label], predicted: names[predicted], count })),
    )
    .filter(({ label, predicted, count }) => label !== predicted && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, most);
}
