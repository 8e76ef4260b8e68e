import type { Weights } from "../../graph/graph.ts";
import { listNames } from "../../show.ts";

/**
 * A sentence on weights that are NaN or infinite; undefined if there are none. A ReLU6 after such a weight may hide it
 * behind an ordinary number.
 */
export function nonFiniteNote(weights: Weights): string | undefined {
  const broken = Object.keys(weights).filter((name) => !allFinite(weights[name].data));
  if (broken.length === 0) return undefined;
  return (
    `NaN or infinity in ${listNames(broken)}: answers may look like numbers and mean nothing; is it the file of a training ` +
    "that diverged, or of values too large for float16?"
  );
}

/** Four sums at a time, for speed: a user waits for the first picture. */
function allFinite(data: ArrayLike<number>): boolean {
  // 0 times NaN or infinity is NaN.
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = data.length - (data.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += data[i] * 0;
    b += data[i + 1] * 0;
    c += data[i + 2] * 0;
    d += data[i + 3] * 0;
  }
  for (let i = whole; i < data.length; i++) a += data[i] * 0;
  return a + b + c + d === 0;
}
