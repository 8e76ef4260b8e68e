import { colourDistance, type Fit, fit, isCrop, unmoved } from "./compare.ts";
import { type Turn, turnChroma, turnGrey } from "./descriptor.ts";
import type { Signature } from "./signature.ts";

/** Limits for copies. Measured by `npm run bench:dedupe`; docs/search.md has the figures. */
const LEAST = {
  /** Least correlation of luminances. Crops of photographs by 5 % have 0.97 and more. */
  correlation: 0.96,
  /** The same without moving. All copies except crops have 0.98 and more. */
  unmoved: 0.98,
  /** Least correlation of edges and texture, if there are any. */
  detail: 0.8,
  /** Least ratio of the contrasts. */
  gain: 0.4,
} as const;
/** Largest colour distance, in levels. Red and blue follow green in a change of brightness, not in one of colour. */
const MOST_COLOUR = 24;

/**
 * Likeness of two pictures, 0 to 1: the correlation in their common part, or 0 if they are no copies.
 * @param turn applied to `a`
 */
export function likeness(a: Signature, b: Signature, turn: Turn, least: number = DEFAULT_LEAST): number {
  const turned = { grey: turnGrey(a.grey, turn), chroma: turnChroma(a.chroma, turn) };
  const one = judge(turned, b, least);
  // Either picture may be the crop of the other, so the reverse is tried too. Pictures far below the limit are no
  // crops, but a correlation of 0 means too large a shift, which says nothing.
  return one.likeness > 0 || (one.correlation > 0 && one.correlation < least - WORTH_A_SECOND_LOOK)
    ? one.likeness
    : judge(b, turned, least).likeness;
}

const WORTH_A_SECOND_LOOK = 0.1;

type Look = Pick<Signature, "grey" | "chroma">;

function judge(a: Look, b: Look, least: number): { readonly likeness: number; readonly correlation: number } {
  // Pictures of soft light fit each other moved as well, so the unmoved fit is preferred.
  const still = unmoved(a.grey, b.grey);
  if (still.correlation >= Math.max(least, LEAST.unmoved) && isCopy(still, a, b, least)) {
    return { likeness: still.correlation, correlation: still.correlation };
  }
  const moved = fit(a.grey, b.grey);
  const { correlation } = moved;
  const isLike = correlation >= least && isCrop(moved.warp) && isCopy(moved, a, b, least);
  return { likeness: isLike ? correlation : 0, correlation };
}

function isCopy(found: Fit, a: Look, b: Look, least: number): boolean {
  const { detail, gain } = found;
  if (gain < LEAST.gain || gain > 1 / LEAST.gain) return false;
  // The colours scale with the contrast.
  if (colourDistance(a.chroma, b.chroma, found) > MOST_COLOUR * Math.max(1, gain)) return false;
  // The user's limit for the correlation scales that for detail too.
  const leastDetail = 1 - (1 - LEAST.detail) * Math.min(1, (1 - least) / (1 - LEAST.correlation));
  return detail === undefined || detail >= leastDetail;
}

export const DEFAULT_LEAST: number = LEAST.correlation;
