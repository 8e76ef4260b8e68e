import assert from "node:assert/strict";
import type { Tensor } from "../../packages/mobilenets/src/tensor.ts";

/** Fails unless every number lies within `tolerance` times the largest expected magnitude of the expected one. */
export function assertClose(found: Tensor, expected: Tensor, tolerance: number, what: string): void {
  assert.deepEqual(found.shape, expected.shape, `shape of ${what}`);
  const largest = largestMagnitude(expected);
  let worst = 0;
  found.data.forEach((value, i) => {
    const difference = Math.abs(value - expected.data[i]) / largest;
    // Also true of NaN, which every comparison would let pass.
    if (!(difference <= worst)) worst = difference;
  });
  assert.ok(worst <= tolerance, `${what} is off by ${worst} of its largest value, ${largest}; allowed is ${tolerance}`);
}

export function largestMagnitude({ data }: Tensor): number {
  return data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}
