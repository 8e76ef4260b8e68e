import { colourDistance, type Fit, fit, isCrop, unmoved } from "./compare.ts";
import { type Turn, turnChroma, turnGrey } from "./descriptor.ts";
import type { Signature } from "./signature.ts";

/** What makes two pictures copies. Measured by `npm run bench:dedupe`; docs/search.md has the figures. */
const LEAST = {
  /** Of the luminances: crops by 5 % of photographs have 0.97 and more. */
  correlation: 0.96,
  /** Of luminances that lie on each other as they are: all copies but crops have 0.98 and more. */
  unmoved: 0.98,
  /** Of edges and texture, where there are any. */
  detail: 0.8,
  /** Contrast of one in the other's. */
  gain: 0.4,
} as const;
/** Grey levels: a change of brightness moves red and blue with green, a change of colour does not. */
const MOST_COLOUR = 24;

/**
 * How far one picture shows what the other does, 0 to 1: the correlation where they overlap; 0 if they are no copies.
 * @param turn how `a` lies
 */
export function likeness(a: Signature, b: Signature, turn: Turn, least: number = DEFAULT_LEAST): number {
  const turned = { grey: turnGrey(a.grey, turn), chroma: turnChroma(a.chroma, turn) };
  const one = judge(turned, b, least);
  // Either picture may be the crop of the other. Pictures that are not alike at all are no crops of each other. The
  // result is 0 for pictures that were moved too far.
  return one.likeness > 0 || (one.correlation > 0 && one.correlation < least - WORTH_A_SECOND_LOOK)
    ? one.likeness
    : judge(b, turned, least).likeness;
}

const WORTH_A_SECOND_LOOK = 0.1;

type Look = Pick<Signature, "grey" | "chroma">;

function judge(a: Look, b: Look, least: number): { readonly likeness: number; readonly correlation: number } {
  // Soft light fits itself as well when it is moved: what need not be moved is not.
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
  // Less contrast is less colour too.
  if (colourDistance(a.chroma, b.chroma, found) > MOST_COLOUR * Math.max(1, gain)) return false;
  // What the user asks for scales both.
  const leastDetail = 1 - (1 - LEAST.detail) * Math.min(1, (1 - least) / (1 - LEAST.correlation));
  return detail === undefined || detail >= leastDetail;
}

export const DEFAULT_LEAST: number = LEAST.correlation;
