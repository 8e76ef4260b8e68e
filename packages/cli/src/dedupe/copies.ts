import { fit } from "./compare.ts";
import { type Turn, turnGrey } from "./descriptor.ts";
import type { Signature } from "./signature.ts";

/** What makes two pictures copies. Measured by `npm run bench:dedupe`; docs/search.md has the figures. */
const LEAST = {
  /** Of the luminances: crops by 5 % of photographs have 0.97 and more. */
  correlation: 0.96,
  /** Of edges and texture, where there are any. */
  detail: 0.8,
  /** Contrast of one in the other's. */
  gain: 0.4,
} as const;
/** Grey levels: a change of brightness moves red and blue with green, a change of colour does not. */
const MOST_TINT = 24;

/**
 * How far one picture shows what the other does, 0 to 1: the correlation where they overlap; 0 if they are no copies.
 * @param turn how `a` lies
 */
export function likeness(a: Signature, b: Signature, turn: Turn, least: number = DEFAULT_LEAST): number {
  const turned = { grey: turnGrey(a.grey, turn), tint: a.tint };
  const one = judge(turned, b, least);
  // Either may be the crop; what is nothing like the other is no part of it either.
  return one.likeness > 0 || one.correlation < least - WORTH_A_SECOND_LOOK
    ? one.likeness
    : judge(b, turned, least).likeness;
}

const WORTH_A_SECOND_LOOK = 0.1;

type Look = Pick<Signature, "grey" | "tint">;

function judge(a: Look, b: Look, least: number): { readonly likeness: number; readonly correlation: number } {
  const { correlation, detail, gain } = fit(a.grey, b.grey);
  const no = { likeness: 0, correlation };
  if (correlation < least || gain < LEAST.gain || gain > 1 / LEAST.gain) return no;
  // Less contrast is less colour too.
  if (a.tint.some((x, i) => Math.abs(x * gain - b.tint[i]) > MOST_TINT * Math.max(1, gain))) return no;
  // What the user asks for scales both.
  const leastDetail = 1 - (1 - LEAST.detail) * Math.min(1, (1 - least) / (1 - LEAST.correlation));
  if (detail !== undefined && detail < leastDetail) return no;
  return { likeness: correlation, correlation };
}

export const DEFAULT_LEAST: number = LEAST.correlation;
