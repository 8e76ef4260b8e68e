import { kindOf } from "../check-options.ts";
import { OptionError } from "../errors.ts";

/**
 * Cosine of the angle between two vectors, -1 to 1: 1 the same direction, 0 at right angles or a vector of zeros, -1
 * opposite. Sums are float64, in order of the index, and equal vectors give exactly 1. Numbers in float32's range are
 * safe; the squares of much larger or smaller numbers leave float64's range.
 *
 * @returns NaN if a number is NaN or infinite
 * @throws OptionError for vectors of different lengths, or none
 */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checkVector(a, "a");
  checkVector(b, "b");
  if (a.length !== b.length) {
    throw new OptionError({
      where: "cosine",
      found: `vectors of ${a.length} and ${b.length} numbers`,
      expected: "equal lengths",
      hint: "are both of one network and layer?",
    });
  }
  let dot = 0;
  let squareA = 0;
  let squareB = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    squareA += a[i] * a[i];
    squareB += b[i] * b[i];
  }
  return cosineOf(dot, squareA, squareB);
}

/**
 * The cosine from a dot product and the two vectors' products with themselves. One square root of both products gives
 * the exact squared length of equal vectors, so their cosine is exactly 1.
 */
export function cosineOf(dot: number, squareA: number, squareB: number): number {
  const lengths = Math.sqrt(squareA * squareB);
  return lengths === 0 ? 0 : Math.max(-1, Math.min(1, dot / lengths));
}

function checkVector(vector: unknown, name: string): void {
  if (Array.isArray(vector) || (ArrayBuffer.isView(vector) && "length" in vector)) return;
  throw new OptionError({ where: `cosine: ${name}`, found: kindOf(vector), expected: "an array of numbers" });
}
