import { SIDE } from "./signature.ts";

/**
 * Counts the parts of two small grey copies that differ. The constants are chosen for `npm run bench:dedupe`, and for crops
 * of other sizes and photographs.
 */

const COUNT = SIDE * SIDE;
/** Side of a part, and the step to the next one, in pixels. */
const [PART, STEP] = [4, 2];
/** Least pixels of a part in the common part of the pictures. */
const LEAST_PIXELS = 12;
/** Levels by which compression changes a small copy. */
const COMPRESSION = 2;
/** Least of the same in a copy of low contrast, as a share. */
const LEAST_SLOPE = 0.3;
/** Pixels by which a copy can be out of place after the fit. */
const OUT_OF_PLACE = 0.25;
/** A part differs from this multiple of what compression and place explain. */
const LIMIT = 1.1;
/** Median of that multiple's square in most copies. Strong compression changes all parts, and the limit follows. */
const USUAL = 0.3;
/** Most by which the square of the limit follows. */
const MOST_NOISE = 2;

export interface Difference {
  /** `[SIDE, SIDE]`: `b` minus what `a` predicts, in levels. */
  readonly rest: Float32Array;
  /** `[SIDE, SIDE]`: luminances of one picture, moved to where the other's pixels are, in levels. */
  readonly a: Float32Array;
  /** `[SIDE, SIDE]`: luminances of the other, in levels. */
  readonly b: Uint8Array;
  /** Contrast of `b` to that of `a`. */
  readonly slope: number;
  /** `[SIDE, SIDE]`: 1 in the common part. */
  readonly inside: Uint8Array;
}

/**
 * Share of the parts that differ, 0 to 1, among those with any structure: flat parts look alike in all pictures. Two
 * pictures of one pattern, or of soft light, agree as a whole but not in their parts. A date or a small mark on a copy is
 * in few parts.
 */
export function differingShare(difference: Difference): number {
  const parts = partsOf(difference);
  const ratios = Float64Array.from(parts, ({ ratio }) => ratio).sort();
  const noise = Math.max(1, Math.min(MOST_NOISE, ratios[ratios.length >> 1] / USUAL));
  let [telling, differing] = [0, 0];
  for (const { ratio, isFlat } of parts) {
    const differs = ratio > LIMIT ** 2 * noise;
    if (differs || !isFlat) telling++;
    if (differs) differing++;
  }
  return telling === 0 ? 0 : differing / telling;
}

function partsOf({ rest, a, b, slope, inside }: Difference): { ratio: number; isFlat: boolean }[] {
  const noise = (COMPRESSION * Math.max(LEAST_SLOPE, Math.min(1, Math.abs(slope)))) ** 2;
  const [soft, steep] = [new Float32Array(COUNT), new Float32Array(COUNT)];
  for (let at = 0; at < COUNT; at++) {
    const [one, other] = [steepness(a, at) * slope ** 2, steepness(b, at)];
    [soft[at], steep[at]] = one < other ? [one, other] : [other, one];
  }
  const parts = [];
  for (let top = 0; top + PART <= SIDE; top += STEP) {
    for (let left = 0; left + PART <= SIDE; left += STEP) {
      let [count, found, softness, structure] = [0, 0, 0, 0];
      for (let y = top; y < top + PART; y++) {
        for (let at = y * SIDE + left; at < y * SIDE + left + PART; at++) {
          if (inside[at] === 0) continue;
          count++;
          found += rest[at] ** 2;
          softness += soft[at];
          structure += steep[at];
        }
      }
      if (count < LEAST_PIXELS) continue;
      // An edge out of place is explained only by the softer of the two: an edge in one alone is a difference.
      const explained = count * noise + OUT_OF_PLACE ** 2 * softness;
      parts.push({ ratio: found / explained, isFlat: structure <= count * noise });
    }
  }
  return parts;
}

/** Mean square of the differences to the neighbours in x, and in y: large at a thin line too. */
function steepness(grey: Float32Array | Uint8Array, at: number): number {
  const x = at % SIDE;
  const right = x < SIDE - 1 ? grey[at + 1] - grey[at] : 0;
  const left = x > 0 ? grey[at] - grey[at - 1] : 0;
  const below = at < COUNT - SIDE ? grey[at + SIDE] - grey[at] : 0;
  const above = at >= SIDE ? grey[at] - grey[at - SIDE] : 0;
  return (right * right + left * left + below * below + above * above) / 2;
}
