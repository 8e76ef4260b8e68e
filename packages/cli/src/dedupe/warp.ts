import { SIDE } from "./signature.ts";

/** How one small copy lies on another: stretched and moved in x and y, as a crop of it would. */

/** Maps a pixel `(x, y)` of `b` to `(middle + sx (x - middle) + tx, ...)` in `a`, both of `SIDE` x `SIDE` pixels. */
export interface Warp {
  /** Pixels of `a` per pixel of `b`. */
  readonly sx: number;
  readonly sy: number;
  /** Pixels of `a`. */
  readonly tx: number;
  readonly ty: number;
}

export const UNMOVED: Warp = { sx: 1, sy: 1, tx: 0, ty: 0 };

const MIDDLE = (SIDE - 1) / 2;
/** Least share of each side that a crop leaves. */
const LEAST_CROP = 0.84;
/** Errors of the measured stretch, and of the measured shift in pixels. */
const [STRETCH_ERROR, SHIFT_ERROR] = [0.03, 1.25];

/**
 * True if one picture can be a crop of the other: both sides are stretched, or both shrunk, and the crop stays within
 * the other's edges. Two pictures of one pattern, or of soft light alone, also fit each other, but with other shifts
 * and stretches than a crop has.
 */
export function isCrop({ sx, sy, tx, ty }: Warp): boolean {
  const [least, most] = [Math.min(sx, sy), Math.max(sx, sy)];
  if (least < LEAST_CROP || most > 1 / LEAST_CROP) return false;
  if (least < 1 - STRETCH_ERROR && most > 1 + STRETCH_ERROR) return false;
  const reaches = (scale: number, shift: number) => Math.abs(shift) > MIDDLE * Math.abs(1 - scale) + SHIFT_ERROR;
  return !reaches(sx, tx) && !reaches(sy, ty);
}

/** Where the pixels of one axis lie on the other picture. */
export interface Taps {
  /** `[side]`: index of the first of four pixels. May be outside the picture. */
  readonly first: Int32Array;
  /** `[side, 4]` */
  readonly weights: Float64Array;
  /** Index of the nearest pixel of the picture. */
  readonly nearest: Uint8Array;
  /** 1 for places in the picture. */
  readonly inside: Uint8Array;
}

/** The places along one axis, for interpolation with Keys' cubic kernel (1981, a = -1/2), which keeps edges sharp. */
export function tapsOf(scale: number, shift: number): Taps {
  const first = new Int32Array(SIDE);
  const weights = new Float64Array(SIDE * 4);
  const [nearest, inside] = [new Uint8Array(SIDE), new Uint8Array(SIDE)];
  for (let at = 0; at < SIDE; at++) {
    const place = MIDDLE + scale * (at - MIDDLE) + shift;
    const left = Math.floor(place);
    const f = place - left;
    first[at] = left - 1;
    weights[4 * at] = f * (-0.5 + f * (1 - 0.5 * f));
    weights[4 * at + 1] = 1 + f * f * (-2.5 + 1.5 * f);
    weights[4 * at + 2] = f * (0.5 + f * (2 - 1.5 * f));
    weights[4 * at + 3] = f * f * (-0.5 + 0.5 * f);
    nearest[at] = Math.max(0, Math.min(SIDE - 1, Math.round(place)));
    inside[at] = place > -EDGE && place < SIDE - 1 + EDGE ? 1 : 0;
  }
  return { first, weights, nearest, inside };
}

/** Pixels beyond the edge that still count as inside. Rounding errors move an unmoved picture by less. */
const EDGE = 0.01;
