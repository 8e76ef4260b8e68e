import { SIDE } from "./signature.ts";
import type { Warp } from "./warp.ts";

/** Improves the place of one small grey copy on another, by least squares. */

type Grey = Uint8Array | Float32Array;

/** Shift and stretch in x, shift and stretch in y, contrast, brightness. */
const UNKNOWNS = 6;

/**
 * Makes one Gauss-Newton step towards the place of `b` on `a`. `warp` is changed. A lone edge says nothing of a shift
 * along it. There, the place stays near `start`.
 * @param a, b `[side, side]`, in levels
 * @param side `SIDE`, or half of it
 * @param warp in pixels of the full size, as `start`
 * @returns true if it moved the picture by more than 0.01 pixels
 */
export function improve(
  a: Grey,
  b: Grey,
  side: number,
  warp: { -readonly [K in keyof Warp]: number },
  start: Warp,
): boolean {
  const middle = (side - 1) / 2;
  const scale = SIDE / side;
  const normal = new Float64Array(UNKNOWNS * (UNKNOWNS + 1));
  const row = new Float64Array(UNKNOWNS);
  for (let y = 0; y < side; y++) {
    const dy = y - middle;
    const v = middle + warp.sy * dy + warp.ty / scale;
    if (v < 0 || v > side - 1) continue;
    const top = Math.min(side - 2, Math.floor(v));
    const fy = v - top;
    for (let x = 0; x < side; x++) {
      const dx = x - middle;
      const u = middle + warp.sx * dx + warp.tx / scale;
      if (u < 0 || u > side - 1) continue;
      const left = Math.min(side - 2, Math.floor(u));
      const fx = u - left;
      const at = top * side + left;
      const [p, q, r, s] = [a[at], a[at + 1], a[at + side], a[at + side + 1]];
      const value = (p * (1 - fx) + q * fx) * (1 - fy) + (r * (1 - fx) + s * fx) * fy;
      row[0] = (q - p) * (1 - fy) + (s - r) * fy;
      row[1] = row[0] * dx;
      row[2] = (r - p) * (1 - fx) + (s - q) * fx;
      row[3] = row[2] * dy;
      row[4] = -b[y * side + x];
      row[5] = -1;
      for (let i = 0; i < UNKNOWNS; i++) {
        for (let j = i; j < UNKNOWNS; j++) normal[i * (UNKNOWNS + 1) + j] += row[i] * row[j];
        normal[i * (UNKNOWNS + 1) + UNKNOWNS] -= row[i] * value;
      }
    }
  }
  for (const [i, weight, gone] of [
    [0, LOOSE.shift * scale ** 2, (warp.tx - start.tx) / scale],
    [1, LOOSE.stretch, warp.sx - start.sx],
    [2, LOOSE.shift * scale ** 2, (warp.ty - start.ty) / scale],
    [3, LOOSE.stretch, warp.sy - start.sy],
  ]) {
    normal[i * (UNKNOWNS + 1) + i] += weight;
    normal[i * (UNKNOWNS + 1) + UNKNOWNS] -= weight * gone;
  }
  const step = solve(normal);
  if (!step) return false;
  const limit = (x: number, most: number) => Math.max(-most, Math.min(most, x));
  const [tx, sx, ty, sy] = [
    limit(step[0], 1) * scale,
    limit(step[1], 0.06),
    limit(step[2], 1) * scale,
    limit(step[3], 0.06),
  ];
  warp.tx = limit(warp.tx + tx, FURTHEST);
  warp.ty = limit(warp.ty + ty, FURTHEST);
  warp.sx = 1 + limit(warp.sx + sx - 1, 0.2);
  warp.sy = 1 + limit(warp.sy + sy - 1, 0.2);
  return Math.max(Math.abs(tx), Math.abs(ty), Math.abs(sx) * MIDDLE, Math.abs(sy) * MIDDLE) > 0.01;
}

/** Pixels of the full size. */
const FURTHEST = 4;
const MIDDLE = (SIDE - 1) / 2;
/** Square of an error of 3 levels, divided by that of usual shifts (0.8 pixels) and stretches (0.04). */
const LOOSE = { shift: (3 / 0.8) ** 2, stretch: (3 / 0.04) ** 2 } as const;

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
