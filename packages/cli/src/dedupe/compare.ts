import { CHROMA_SIDE, SIDE } from "./signature.ts";

/** Fits two small grey copies of pictures to each other, and measures how well they match. */

const COUNT = SIDE * SIDE;
const MIDDLE = (SIDE - 1) / 2;
const STEPS = 8;
/** Least share of the picture that copies have in common. */
const LEAST_OVERLAP = 0.7;

/** How well one small grey copy matches another after moving and stretching. */
export interface Fit {
  /** Correlation of the luminances in the common part, -1 to 1. */
  readonly correlation: number;
  /** Correlation of edges and texture: the copies minus their blurred versions. Undefined for too little detail. */
  readonly detail: number | undefined;
  /** Contrast of `b` divided by that of `a`. */
  readonly gain: number;
  /** Grey levels by which `b` is brighter. */
  readonly shift: number;
  /** Share of the picture in the common part. */
  readonly overlap: number;
  /** Maps a pixel of `b` to its place in `a`. */
  readonly warp: Readonly<Warp>;
}

/**
 * Fits `b` to a part of `a`, by a small shift and stretch in x and y, as from a crop by some per cent, and a change of
 * brightness and contrast. Solves all together by least squares (Lucas and Kanade 1981). Starts with blurred copies,
 * because fine texture can lead to a wrong fit.
 */
export function fit(a: Uint8Array, b: Uint8Array): Fit {
  const warp = { sx: 1, sy: 1, tx: 0, ty: 0 };
  const [softA, softB] = [blur(a), blur(b)];
  for (let step = 0; step < STEPS / 2; step++) if (!improve(softA, softB, warp)) break;
  for (let step = 0; step < STEPS / 2; step++) if (!improve(a, b, warp)) break;
  return measure(a, b, warp);
}

/** Like `fit`, but without moving or stretching. */
export function unmoved(a: Uint8Array, b: Uint8Array): Fit {
  return measure(a, b, { sx: 1, sy: 1, tx: 0, ty: 0 });
}

export interface Warp {
  /** Pixels of `a` per pixel of `b`. */
  sx: number;
  sy: number;
  /** Pixels of `a`. */
  tx: number;
  ty: number;
}

/** Least share of each side that a crop leaves. */
const LEAST_CROP = 0.84;
/** Errors of the measured stretch, and of the measured shift in pixels. */
const [STRETCH_ERROR, SHIFT_ERROR] = [0.03, 1.25];

/**
 * True if one picture can be a crop of the other: both sides are stretched, or both shrunk, and the crop stays within
 * the other's edges. Two pictures of one pattern, or of soft light alone, also fit each other, but with other shifts
 * and stretches than a crop has.
 */
export function isCrop({ sx, sy, tx, ty }: Readonly<Warp>): boolean {
  const [least, most] = [Math.min(sx, sy), Math.max(sx, sy)];
  if (least < LEAST_CROP || most > 1 / LEAST_CROP) return false;
  if (least < 1 - STRETCH_ERROR && most > 1 + STRETCH_ERROR) return false;
  const reaches = (scale: number, shift: number) => Math.abs(shift) > MIDDLE * Math.abs(1 - scale) + SHIFT_ERROR;
  return !reaches(sx, tx) && !reaches(sy, ty);
}

type Grey = Uint8Array | Float32Array;

const UNKNOWNS = 6;

/**
 * Makes one Gauss-Newton step.
 * @returns true if it moved the picture by more than 0.01 pixels
 */
function improve(a: Grey, b: Grey, warp: Warp): boolean {
  const normal = new Float64Array(UNKNOWNS * (UNKNOWNS + 1));
  const row = new Float64Array(UNKNOWNS);
  for (let y = 0; y < SIDE; y++) {
    const dy = y - MIDDLE;
    const v = MIDDLE + warp.sy * dy + warp.ty;
    if (v < 0 || v > SIDE - 1) continue;
    for (let x = 0; x < SIDE; x++) {
      const dx = x - MIDDLE;
      const u = MIDDLE + warp.sx * dx + warp.tx;
      if (u < 0 || u > SIDE - 1) continue;
      const { value, gx, gy } = sample(a, u, v);
      row[0] = gx;
      row[1] = gx * dx;
      row[2] = gy;
      row[3] = gy * dy;
      row[4] = -b[y * SIDE + x];
      row[5] = -1;
      for (let i = 0; i < UNKNOWNS; i++) {
        for (let j = i; j < UNKNOWNS; j++) normal[i * (UNKNOWNS + 1) + j] += row[i] * row[j];
        normal[i * (UNKNOWNS + 1) + UNKNOWNS] -= row[i] * value;
      }
    }
  }
  const step = solve(normal);
  if (!step) return false;
  const [tx, sx, ty, sy] = step;
  const limit = (x: number, most: number) => Math.max(-most, Math.min(most, x));
  warp.tx = limit(warp.tx + limit(tx, 1), 4);
  warp.ty = limit(warp.ty + limit(ty, 1), 4);
  warp.sx = 1 + limit(warp.sx + limit(sx, 0.06) - 1, 0.2);
  warp.sy = 1 + limit(warp.sy + limit(sy, 0.06) - 1, 0.2);
  return Math.max(Math.abs(tx), Math.abs(ty), Math.abs(sx) * MIDDLE, Math.abs(sy) * MIDDLE) > 0.01;
}

/** Interpolates between four pixels, and computes the slopes. */
function sample(a: Grey, u: number, v: number): { value: number; gx: number; gy: number } {
  const x = Math.min(SIDE - 2, Math.floor(u));
  const y = Math.min(SIDE - 2, Math.floor(v));
  const fx = u - x;
  const fy = v - y;
  const at = y * SIDE + x;
  const [p, q, r, s] = [a[at], a[at + 1], a[at + SIDE], a[at + SIDE + 1]];
  return {
    value: (p * (1 - fx) + q * fx) * (1 - fy) + (r * (1 - fx) + s * fx) * fy,
    gx: (q - p) * (1 - fy) + (s - r) * fy,
    gy: (r - p) * (1 - fx) + (s - q) * fx,
  };
}

/** Solves symmetric equations, given by their upper half. Undefined without a unique solution. */
function solve(m: Float64Array): Float64Array | undefined {
  const width = UNKNOWNS + 1;
  for (let i = 0; i < UNKNOWNS; i++) {
    for (let j = 0; j < i; j++) m[i * width + j] = m[j * width + i];
  }
  // A flat picture has no slopes. A slightly larger diagonal keeps its shift at 0.
  for (let i = 0; i < UNKNOWNS; i++) m[i * width + i] = m[i * width + i] * 1.0005 + 1e-3;
  for (let i = 0; i < UNKNOWNS; i++) {
    const pivot = m[i * width + i];
    if (!(Math.abs(pivot) > 1e-9)) return undefined;
    for (let r = i + 1; r < UNKNOWNS; r++) {
      const factor = m[r * width + i] / pivot;
      for (let c = i; c < width; c++) m[r * width + c] -= factor * m[i * width + c];
    }
  }
  const solution = new Float64Array(UNKNOWNS);
  for (let i = UNKNOWNS - 1; i >= 0; i--) {
    let sum = m[i * width + UNKNOWNS];
    for (let j = i + 1; j < UNKNOWNS; j++) sum -= m[i * width + j] * solution[j];
    solution[i] = sum / m[i * width + i];
  }
  return solution;
}

function measure(a: Uint8Array, b: Uint8Array, warp: Warp): Fit {
  const moved = new Float32Array(COUNT);
  const inside = new Uint8Array(COUNT);
  let count = 0;
  for (let y = 0; y < SIDE; y++) {
    const v = MIDDLE + warp.sy * (y - MIDDLE) + warp.ty;
    for (let x = 0; x < SIDE; x++) {
      const u = MIDDLE + warp.sx * (x - MIDDLE) + warp.tx;
      const at = y * SIDE + x;
      moved[at] = sample(a, Math.max(0, Math.min(SIDE - 1, u)), Math.max(0, Math.min(SIDE - 1, v))).value;
      if (u < 0 || v < 0 || u > SIDE - 1 || v > SIDE - 1) continue;
      inside[at] = 1;
      count++;
    }
  }
  const overlap = count / COUNT;
  if (overlap < LEAST_OVERLAP) return { correlation: 0, detail: undefined, gain: 0, shift: 0, overlap, warp };
  const all = correlate(moved, Float32Array.from(b), inside);
  const fine = correlate(detailOf(moved), detailOf(b), inside);
  const enough = fine.deviations[0] > LEAST_DETAIL && fine.deviations[1] > LEAST_DETAIL;
  return {
    correlation: all.correlation,
    detail: enough ? fine.correlation : undefined,
    gain: all.deviations[1] / Math.max(1e-6, all.deviations[0]),
    shift: all.means[1] - all.means[0],
    overlap,
    warp,
  };
}

/**
 * Distance between the colours of two pictures in their common part: the root mean square difference of red minus green
 * and blue minus green, in levels.
 * @param a, b `[CHROMA_SIDE, CHROMA_SIDE, 2]`: red minus green, blue minus green
 */
export function colourDistance(a: Int16Array, b: Int16Array, { warp, gain }: Pick<Fit, "warp" | "gain">): number {
  const step = SIDE / CHROMA_SIDE;
  const last = CHROMA_SIDE - 1;
  // Maps the middle of a cell to its place among the other picture's cells.
  const placeOf = (cell: number, scale: number, shift: number) => {
    const pixel = (cell + 0.5) * step - 0.5;
    return (MIDDLE + scale * (pixel - MIDDLE) + shift + 0.5) / step - 0.5;
  };
  let [sum, count] = [0, 0];
  for (let y = 0; y < CHROMA_SIDE; y++) {
    const v = placeOf(y, warp.sy, warp.ty);
    for (let x = 0; x < CHROMA_SIDE; x++) {
      const u = placeOf(x, warp.sx, warp.tx);
      if (u < -0.5 || v < -0.5 || u > last + 0.5 || v > last + 0.5) continue;
      const [left, top] = [u, v].map((place) => Math.max(0, Math.min(last - 1, Math.floor(place))));
      const [fx, fy] = [Math.max(0, Math.min(1, u - left)), Math.max(0, Math.min(1, v - top))];
      for (let channel = 0; channel < 2; channel++) {
        const at = 2 * (top * CHROMA_SIDE + left) + channel;
        const upper = a[at] * (1 - fx) + a[at + 2] * fx;
        const lower = a[at + 2 * CHROMA_SIDE] * (1 - fx) + a[at + 2 * CHROMA_SIDE + 2] * fx;
        sum += (gain * (upper * (1 - fy) + lower * fy) - b[2 * (y * CHROMA_SIDE + x) + channel]) ** 2;
        count++;
      }
    }
  }
  return Math.sqrt(sum / Math.max(1, count));
}

/** Least deviation of detail, in grey levels. Less comes from rounding and compression. */
const LEAST_DETAIL = 1;

function correlate(a: Float32Array, b: Float32Array, inside: Uint8Array) {
  let [n, sa, sb, aa, bb, ab] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < COUNT; i++) {
    if (inside[i] === 0) continue;
    n++;
    sa += a[i];
    sb += b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
    ab += a[i] * b[i];
  }
  const [va, vb] = [aa / n - (sa / n) ** 2, bb / n - (sb / n) ** 2];
  const product = Math.sqrt(Math.max(0, va) * Math.max(0, vb));
  return {
    correlation: product > 1e-6 ? (ab / n - (sa / n) * (sb / n)) / product : 0,
    deviations: [Math.sqrt(Math.max(0, va)), Math.sqrt(Math.max(0, vb))],
    means: [sa / n, sb / n],
  };
}

function detailOf(grey: Grey): Float32Array {
  const soft = blur(blur(grey));
  return soft.map((x, i) => grey[i] - x);
}

/** Blurs by 1 2 1 in both directions. The edge pixels are repeated. */
function blur(grey: Grey): Float32Array {
  const across = new Float32Array(COUNT);
  const soft = new Float32Array(COUNT);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const at = y * SIDE + x;
      across[at] = (grey[x > 0 ? at - 1 : at] + 2 * grey[at] + grey[x < SIDE - 1 ? at + 1 : at]) / 4;
    }
  }
  for (let at = 0; at < COUNT; at++) {
    const y = Math.floor(at / SIDE);
    soft[at] = (across[y > 0 ? at - SIDE : at] + 2 * across[at] + across[y < SIDE - 1 ? at + SIDE : at]) / 4;
  }
  return soft;
}
