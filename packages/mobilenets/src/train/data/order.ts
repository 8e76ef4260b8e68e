import { OptionError } from "../../errors.ts";
import { random } from "../../random.ts";
import { mixSeeds } from "./hash.ts";

/** Separates the random streams of one seed: each use mixes in another of these. */
export const STREAM = { order: 1, example: 2, batch: 3, substitute: 4 } as const;

/** The order of `indices` in an epoch: a permutation (Fisher-Yates) that depends only on the arguments. */
export function shuffled(indices: readonly number[], seed: number, epoch: number): number[] {
  const order = [...indices];
  const next = random(mixSeeds(STREAM.order, seed, epoch));
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/**
 * Batches per training epoch. Examples that do not fill another batch are left out of the epoch, because a step is
 * compiled for one batch size; each epoch leaves out others.
 * @throws OptionError if not even one batch can be filled
 */
export function batchesPerEpoch(examples: number, batchSize: number): number {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new OptionError({ where: "batchSize", found: String(batchSize), expected: "a positive integer" });
  }
  if (examples < batchSize) {
    const found = `${batchSize}, but there are ${examples} examples to train with`;
    const hint = examples > 0 ? `a batch size of ${examples} fits` : "are there pictures in the class folders?";
    throw new OptionError({ where: "batchSize", found, hint });
  }
  return Math.floor(examples / batchSize);
}
