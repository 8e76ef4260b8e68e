import { type Matrix, type Neighbour, neighbours, vote } from "./neighbours.ts";

/** How well vectors separate classes, by nearest neighbours. */
export interface Evaluation {
  /** The most similar other pictures of each picture, best first. */
  readonly neighbours: readonly (readonly Neighbour[])[];
  /** `confusion[actual][predicted]`, in pictures. */
  readonly confusion: readonly (readonly number[])[];
  /** Share of correctly classified pictures, 0 to 1. */
  readonly accuracy: number;
}

/**
 * Leave-one-out k-nearest-neighbour classification: each picture gets the most frequent class of its `k` most similar
 * others. Nothing is fitted.
 * @param labels class of each row, 0 to `classes` - 1
 * @param shown number of neighbours to keep, at least `k`
 */
export async function evaluate(
  vectors: Matrix,
  labels: readonly number[],
  { k, shown, classes }: { k: number; shown: number; classes: number },
): Promise<Evaluation> {
  const found = await neighbours(vectors, shown);
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let right = 0;
  found.forEach((best, row) => {
    const predicted = vote(best.slice(0, k), labels);
    confusion[labels[row]][predicted]++;
    if (predicted === labels[row]) right++;
  });
  return { neighbours: found, confusion, accuracy: right / labels.length };
}
