import { improve } from "./improve.ts";
import { SIDE } from "./signature.ts";
import { UNMOVED, type Warp } from "./warp.ts";

/** Finds how one small grey copy lies on another. */

const HALF = SIDE / 2;
/** Most steps at half the size, and at the full size. */
const STEPS = [6, 4] as const;
/** Correlations at half the size may lack this much of the least one, before it is fitted and after. */
const [LACKS_BEFORE, LACKS_AFTER] = [0.12, 0.04];

/**
 * Places to start from: unmoved, and crops by some per cent at one corner or around, and their reverse. Small things in a
 * corner are lost from elsewhere.
 */
const STARTS: readonly Warp[] = [
  UNMOVED,
  ...[0.95, 1 / 0.95].flatMap((s) =>
    [-1, 1].flatMap((x) =>
      [-1, 1].map((y) => ({ sx: s, sy: s, tx: (x * (1 - s) * SIDE) / 2, ty: (y * (1 - s) * SIDE) / 2 })),
    ),
  ),
  ...[0.9, 1 / 0.9].map((s) => ({ sx: s, sy: s, tx: 0, ty: 0 })),
];

/**
 * Fits `b`, which may be a crop of `a` by some per cent, by a small shift and stretch in x and y, and a change of
 * brightness and contrast. Solves all together by least squares (Lucas and Kanade 1981), first at half the size.
 * @param least correlation of copies
 * @returns undefined for pictures that are far from each other
 */
export function align(a: Uint8Array, b: Uint8Array, least: number): Warp | undefined {
  const [smallA, smallB] = [halve(a), halve(b)];
  let [best, most] = [UNMOVED, -1];
  for (const start of STARTS) {
    const found = correlation(smallA, smallB, start);
    if (found > most) [best, most] = [start, found];
  }
  if (most < least - LACKS_BEFORE) return undefined;
  const warp = { ...best };
  for (let step = 0; step < STEPS[0]; step++) if (!improve(smallA, smallB, HALF, warp, best)) break;
  if (correlation(smallA, smallB, warp) < least - LACKS_AFTER) return undefined;
  for (let step = 0; step < STEPS[1]; step++) if (!improve(a, b, SIDE, warp, best)) break;
  return warp;
}

function halve(grey: Uint8Array): Float32Array {
  const small = new Float32Array(HALF * HALF);
  for (let i = 0; i < small.length; i++) {
    const at = 2 * (Math.floor(i / HALF) * SIDE + (i % HALF));
    small[i] = (grey[at] + grey[at + 1] + grey[at + SIDE] + grey[at + SIDE + 1]) / 4;
  }
  return small;
}

/** Correlation of pictures of half the size in their common part. */
function correlation(a: Float32Array, b: Float32Array, { sx, sy, tx, ty }: Warp): number {
  const middle = (HALF - 1) / 2;
  let [n, sa, sb, aa, bb, ab] = [0, 0, 0, 0, 0, 0];
  for (let y = 0; y < HALF; y++) {
    const v = middle + sy * (y - middle) + ty / 2;
    const top = Math.floor(v);
    if (top < 0 || top > HALF - 2) continue;
    const fy = v - top;
    for (let x = 0; x < HALF; x++) {
      const u = middle + sx * (x - middle) + tx / 2;
      const left = Math.floor(u);
      if (left < 0 || left > HALF - 2) continue;
      const fx = u - left;
      const at = top * HALF + left;
      const upper = a[at] + fx * (a[at + 1] - a[at]);
      const lower = a[at + HALF] + fx * (a[at + HALF + 1] - a[at + HALF]);
      const p = upper + fy * (lower - upper);
      const q = b[y * HALF + x];
      n++;
      sa += p;
      sb += q;
      aa += p * p;
      bb += q * q;
      ab += p * q;
    }
  }
  const product = Math.sqrt(Math.max(0, aa - (sa * sa) / n) * Math.max(0, bb - (sb * sb) / n));
  return product > 1e-6 ? (ab - (sa * sb) / n) / product : 0;
}
