import { align, halve, startOf } from "./align.ts";
import { compare, type Look, type Match } from "./compare.ts";
import { type Turn, turnBits, turnChroma, turnGrey } from "./descriptor.ts";
import type { Signature } from "./signature.ts";
import { isCrop, UNMOVED } from "./warp.ts";

/** Limits for copies. Measured by `npm run bench:dedupe`; docs/benchmarks.md has the figures. */
const LEAST = {
  /** Least correlation of luminances. Crops of photographs by 5 % have 0.97 and more. */
  correlation: 0.96,
  /** Least ratio of the contrasts. */
  gain: 0.4,
  /** Least share of the picture that copies have in common. */
  overlap: 0.7,
} as const;
const MOST = {
  /** Largest share of differing parts. */
  differing: 0.1,
  /** In levels. Red and blue follow green in a change of brightness, not in one of colour. */
  colourDifference: 24,
} as const;

/**
 * Likeness of two pictures, 0 to 1: the correlation in their common part, or 0 if they are no copies.
 * @param turn applied to `a`
 */
export function likeness(a: Signature, b: Signature, turn: Turn, least: number = DEFAULT_LEAST): number {
  const grey = turnGrey(a.grey, turn);
  // Most candidates end here.
  if (!startOf(halve(grey), halve(b.grey), least)) return 0;
  const turned: Look = {
    grey,
    chroma: turnChroma(a.chroma, turn),
    light: turnBits(a.light, turn),
    dark: turnBits(a.dark, turn),
  };
  // Pictures of soft light fit each other moved as well, so the unmoved fit is preferred.
  const still = compare(turned, b, UNMOVED, least);
  if (still && isCopy(still, least)) return still.correlation;
  // Either picture may be the crop of the other. The fit is better if `b` is.
  return likenessOfCrop(turned, b, least) || likenessOfCrop(b, turned, least);
}

function likenessOfCrop(a: Look, b: Look, least: number): number {
  const warp = align(a.grey, b.grey, least);
  if (!warp || !isCrop(warp)) return 0;
  const moved = compare(a, b, warp, least);
  return moved && isCopy(moved, least) ? moved.correlation : 0;
}

function isCopy({ gain, overlap, differing, colourDifference }: Match, least: number): boolean {
  return (
    overlap >= LEAST.overlap &&
    gain >= LEAST.gain &&
    gain <= 1 / LEAST.gain &&
    // The user's limit for the correlation scales that for the parts too.
    differing <= (MOST.differing * (1 - least)) / (1 - LEAST.correlation) &&
    // The colours scale with the contrast.
    colourDifference <= MOST.colourDifference * Math.max(1, gain)
  );
}

export const DEFAULT_LEAST: number = LEAST.correlation;
