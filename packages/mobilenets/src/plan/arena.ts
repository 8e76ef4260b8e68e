import { roundUp } from "./layout.ts";

/** A buffer and the steps between which its contents must survive, both inclusive. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/** Buffers start on cache lines. */
const ALIGNMENT = 64;

/**
 * Places buffers so that those alive at the same time do not overlap: largest first, each at the lowest gap that fits.
 * @returns an offset per buffer and the size of the whole arena, in bytes
 */
export function placeBuffers(buffers: readonly Lifetime[]): { offsets: number[]; bytes: number } {
  const offsets: number[] = new Array(buffers.length).fill(0);
  const placed: number[] = [];
  let total = 0;
  const bySize = buffers.map((_, i) => i).sort((a, b) => buffers[b].bytes - buffers[a].bytes || a - b);
  for (const i of bySize) {
    const rivals = placed
      .filter((j) => buffers[j].first <= buffers[i].last && buffers[i].first <= buffers[j].last)
      .sort((a, b) => offsets[a] - offsets[b]);
    let at = 0;
    for (const j of rivals) {
      if (offsets[j] - at >= buffers[i].bytes) break;
      at = Math.max(at, roundUp(offsets[j] + buffers[j].bytes, ALIGNMENT));
    }
    offsets[i] = at;
    placed.push(i);
    total = Math.max(total, at + buffers[i].bytes);
  }
  return { offsets, bytes: roundUp(total, ALIGNMENT) };
}
