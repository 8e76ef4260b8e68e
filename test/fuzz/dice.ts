/** Uniform numbers from 0 to below 1. */
export type Rng = () => number;

/** An integer from 0 to below n. */
export const below = (rng: Rng, n: number): number => Math.floor(rng() * n);

export const pick = <T>(rng: Rng, items: readonly T[]): T => items[below(rng, items.length)];

export const chance = (rng: Rng, probability: number): boolean => rng() < probability;

/** Picks one of several items with probabilities by weight. */
export function weighted<T>(rng: Rng, items: readonly (readonly [weight: number, item: T])[]): T {
  let left = rng() * items.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, item] of items) {
    left -= weight;
    if (left < 0) return item;
  }
  return items[items.length - 1][1];
}
