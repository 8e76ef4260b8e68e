import { colourDifference } from "./colours.ts";
import { differingShare } from "./parts.ts";
import { SIDE, type Signature } from "./signature.ts";
import { type Taps, tapsOf, type Warp } from "./warp.ts";

/** Measures how well two small copies match, where one lies on the other. */

const COUNT = SIDE * SIDE;

/** The small copies of a picture, which are compared. */
export type Look = Pick<Signature, "grey" | "chroma" | "light" | "dark">;

export interface Match {
  /** Correlation of the luminances in the common part, -1 to 1. */
  readonly correlation: number;
  /** Contrast of `b` divided by that of `a`. */
  readonly gain: number;
  /** Share of the picture in the common part. */
  readonly overlap: number;
  /** Share of the parts with any structure that differ, 0 to 1, after the change of brightness and contrast. */
  readonly differing: number;
  /** Root mean square difference of red minus green and of blue minus green, in levels. */
  readonly colourDifference: number;
}

/**
 * Lays `b` on `a`, and compares them.
 * @param least correlation of copies, 0 to 1
 * @returns undefined for a correlation below `least`, which most pairs have
 */
export function compare(a: Look, b: Look, warp: Warp, least: number): Match | undefined {
  const lie = lieOf(warp);
  const moved = interpolate(a.grey, lie);
  const all = correlate(moved, b.grey, lie.inside);
  if (all.correlation < least) return undefined;
  const { correlation, gain, count } = all;
  return {
    ...{ correlation, gain },
    overlap: count / COUNT,
    differing: differingShare({ ...differenceOf(a, b, lie, moved), a: moved, b: b.grey, inside: lie.inside }),
    colourDifference: colourDifference(a.chroma, b.chroma, warp, gain),
  };
}

/** Where the pixels of one picture lie on the other. */
interface Lie {
  readonly across: Taps;
  readonly down: Taps;
  /** 1 in the common part. */
  readonly inside: Uint8Array;
}

function lieOf({ sx, sy, tx, ty }: Warp): Lie {
  const [across, down] = [tapsOf(sx, tx), tapsOf(sy, ty)];
  const inside = Uint8Array.from({ length: COUNT }, (_, at) => across.inside[at % SIDE] & down.inside[at >> 5]);
  return { across, down, inside };
}

/** Least share of the pixels, and least deviation in levels, to measure brightness and contrast without clipped ones. */
const [LEAST_CLEAN, LEAST_DEVIATION] = [1 / 8, 5];

/** Difference of the luminances after the change of brightness and contrast, which is measured without clipped pixels. */
function differenceOf(a: Look, b: Look, { across, down, inside }: Lie, moved: Float32Array) {
  const [light, dark, clean] = [new Uint8Array(COUNT), new Uint8Array(COUNT), new Uint8Array(COUNT)];
  for (let at = 0; at < COUNT; at++) {
    const from = down.nearest[at >> 5] * SIDE + across.nearest[at % SIDE];
    light[at] = bit(a.light, from);
    dark[at] = bit(a.dark, from);
    clean[at] = inside[at] & ~(light[at] | dark[at] | bit(b.light, at) | bit(b.dark, at));
  }
  const unclipped = correlate(moved, b.grey, clean);
  const isEnough = unclipped.count >= LEAST_CLEAN * COUNT && unclipped.deviation >= LEAST_DEVIATION;
  const { slope, offset } = isEnough ? unclipped : correlate(moved, b.grey, inside);
  const rest = new Float32Array(COUNT);
  for (let at = 0; at < COUNT; at++) {
    const expected = slope * moved[at] + offset;
    const difference = b.grey[at] - expected;
    // A clipped pixel of a lighter copy is darker than expected, one of a darker copy lighter.
    const isClipped = difference < 0 ? bit(b.light, at) | dark[at] : bit(b.dark, at) | light[at];
    // Clipping undoes at most the change itself: strong colours are at their ends in both, without a change.
    const undone = isClipped ? Math.max(0, Math.sign(-difference) * (expected - moved[at])) : 0;
    rest[at] = Math.sign(difference) * Math.max(0, Math.abs(difference) - undone);
  }
  return { rest, slope };
}

const bit = (rows: Uint32Array, at: number) => (rows[at >> 5] >>> (at & 31)) & 1;

function interpolate(grey: Uint8Array, { across, down }: Lie): Float32Array {
  const clamp = (at: number) => Math.max(0, Math.min(SIDE - 1, at));
  const rows = new Float32Array(COUNT);
  for (let x = 0; x < SIDE; x++) {
    const [p, q, r, s] = [0, 1, 2, 3].map((tap) => clamp(across.first[x] + tap));
    const [wp, wq, wr, ws] = across.weights.subarray(4 * x, 4 * x + 4);
    for (let y = 0; y < COUNT; y += SIDE) {
      rows[y + x] = wp * grey[y + p] + wq * grey[y + q] + wr * grey[y + r] + ws * grey[y + s];
    }
  }
  const moved = new Float32Array(COUNT);
  for (let y = 0; y < SIDE; y++) {
    const [p, q, r, s] = [0, 1, 2, 3].map((tap) => SIDE * clamp(down.first[y] + tap));
    const [wp, wq, wr, ws] = down.weights.subarray(4 * y, 4 * y + 4);
    for (let x = 0; x < SIDE; x++) {
      moved[y * SIDE + x] = wp * rows[p + x] + wq * rows[q + x] + wr * rows[r + x] + ws * rows[s + x];
    }
  }
  return moved;
}

/** Fits `b` to `slope a + offset` in the chosen pixels. */
function correlate(a: Float32Array, b: Uint8Array, chosen: Uint8Array) {
  let [n, sa, sb, aa, bb, ab] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < COUNT; i++) {
    if (chosen[i] === 0) continue;
    n++;
    sa += a[i];
    sb += b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
    ab += a[i] * b[i];
  }
  const [va, vb] = [Math.max(0, aa / n - (sa / n) ** 2), Math.max(0, bb / n - (sb / n) ** 2)];
  const covariance = ab / n - (sa / n) * (sb / n);
  const product = Math.sqrt(va * vb);
  const slope = va > 1e-6 ? covariance / va : 1;
  return {
    count: n,
    correlation: product > 1e-6 ? covariance / product : 0,
    deviation: Math.sqrt(va),
    gain: Math.sqrt(vb / Math.max(1e-12, va)),
    slope,
    offset: sb / n - slope * (sa / n),
  };
}
