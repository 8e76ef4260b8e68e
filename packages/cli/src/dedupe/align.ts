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
 * Finds the best of the usual places of `b` on `a`.
 * @param a, b `[SIDE / 2, SIDE / 2]`, see `halve`
 * @param least correlation of copies
 * @returns undefined for pictures that are far from each other, as most are
 */
export function startOf(a: Float32Array, b: Float32Array, least: number): Warp | undefined {
  let [best, most] = [UNMOVED, -1];
  for (const { warp, across, down } of STARTS) {
    const found = correlate(a, b, across, down);
    if (found > most) [best, most] = [warp, found];
  }
  return most < least - LACKS_BEFORE ? undefined : best;
}

/**
 * Fits `b`, which may be a crop of `a` by some per cent, by a small shift and stretch in x and y, and a change of
 * brightness and contrast. Solves all together by least squares (Lucas and Kanade 1981), first at half the size.
 * @param least correlation of copies
 * @returns undefined for pictures that are far from each other
 */
export function align(a: Uint8Array, b: Uint8Array, least: number): Warp | undefined {
  const [smallA, smallB] = [halve(a), halve(b)];
  const start = startOf(smallA, smallB, least);
  if (!start) return undefined;
  const warp = { ...start };
  for (let step = 0; step < STEPS[0]; step++) if (!improve(smallA, smallB, HALF, warp, start)) break;
  const fitted = correlate(smallA, smallB, axisOf(warp.sx, warp.tx), axisOf(warp.sy, warp.ty));
  if (fitted < least - LACKS_AFTER) return undefined;
  for (let step = 0; step < STEPS[1]; step++) if (!improve(a, b, SIDE, warp, start)) break;
  return warp;
}

/** Averages of 2 x 2 pixels. */
export function halve(grey: Uint8Array): Float32Array {
  const small = new Float32Array(HALF * HALF);
  for (let i = 0; i < small.length; i++) {
    const at = 2 * (Math.floor(i / HALF) * SIDE + (i % HALF));
    small[i] = (grey[at] + grey[at + 1] + grey[at + SIDE] + grey[at + SIDE + 1]) / 4;
  }
  return small;
}

/** Where the pixels of one axis lie at half the size: on the way from pixel `left` to the next one. */
interface Axis {
  /** -1 outside. */
  readonly left: Int8Array;
  /** Share of the way. */
  readonly share: Float64Array;
}

function axisOf(scale: number, shift: number): Axis {
  const middle = (HALF - 1) / 2;
  const places = Float64Array.from({ length: HALF }, (_, at) => middle + scale * (at - middle) + shift / 2);
  const isInside = (place: number) => place >= 0 && place <= HALF - 1;
  // The last pixel has no next one.
  const left = Int8Array.from(places, (place) => (isInside(place) ? Math.min(HALF - 2, Math.floor(place)) : -1));
  return { left, share: places.map((place, at) => place - left[at]) };
}

/**
 * Places to start from: unmoved, and crops by some per cent at one corner or around, and their reverse. Small things in a
 * corner are lost from elsewhere.
 */
const STARTS: readonly { readonly warp: Warp; readonly across: Axis; readonly down: Axis }[] = [
  UNMOVED,
  ...[0.95, 1 / 0.95].flatMap((s) =>
    [-1, 1].flatMap((x) =>
      [-1, 1].map((y) => ({ sx: s, sy: s, tx: (x * (1 - s) * SIDE) / 2, ty: (y * (1 - s) * SIDE) / 2 })),
    ),
  ),
  ...[0.9, 1 / 0.9].map((s) => ({ sx: s, sy: s, tx: 0, ty: 0 })),
].map((warp) => ({ warp, across: axisOf(warp.sx, warp.tx), down: axisOf(warp.sy, warp.ty) }));

/** Correlation of pictures of half the size in their common part. */
function correlate(a: Float32Array, b: Float32Array, across: Axis, down: Axis): number {
  let [n, sa, sb, aa, bb, ab] = [0, 0, 0, 0, 0, 0];
  for (let y = 0; y < HALF; y++) {
    const [top, fy] = [down.left[y], down.share[y]];
    if (top < 0) continue;
    for (let x = 0; x < HALF; x++) {
      const left = across.left[x];
      if (left < 0) continue;
      const fx = across.share[x];
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
