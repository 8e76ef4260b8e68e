import { CHROMA_SIDE, SIDE } from "./signature.ts";
import type { Warp } from "./warp.ts";

const MIDDLE = (SIDE - 1) / 2;

/**
 * Distance between the colours of two pictures in their common part: the root mean square difference of red minus green
 * and blue minus green, in levels.
 * @param a, b `[CHROMA_SIDE, CHROMA_SIDE, 2]`: red minus green, blue minus green
 */
export function colourDifference(a: Int16Array, b: Int16Array, warp: Warp, gain: number): number {
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
