import assert from "node:assert/strict";
import type { Tensor } from "../../packages/mobilenets/src/tensor.ts";

/** Fails unless every number lies within `tolerance` times the largest expected magnitude of the expected one. */
export function assertClose(found: Tensor, expected: Tensor, tolerance: number, what: string): void {
  assert.deepEqual(found.shape, expected.shape, `shape of ${what}`);
  const largest = largestMagnitude(expected);
  let worst = 0;
  found.data.forEach((value, i) => {
    // The maximum with NaN is NaN, and stays so.
    worst = Math.max(worst, Math.abs(value - expected.data[i]) / largest);
  });
  assert.ok(worst <= tolerance, `${what} is off by ${worst} of its largest value, ${largest}; allowed is ${tolerance}`);
}

export function largestMagnitude({ data }: Tensor): number {
  return data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}
