import { LINE_BYTES } from "../kernels/geometry.ts";
import { roundUp } from "../round-up.ts";

/** A buffer and the steps between which its contents must survive, both inclusive. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/** Most buffers for `placeTightly`, whose time is quadratic. Networks have some hundred, training steps some thousand. */
const MANY = 4096;

export interface Placing {
  /** Offset of each buffer in bytes. */
  readonly offsets: number[];
  /** Size of the whole arena. */
  readonly bytes: number;
}

/** Places buffers so that those alive at the same time do not overlap. */
export function placeBuffers(buffers: readonly Lifetime[]): Placing {
  return buffers.length > MANY ? placeInOrder(buffers) : placeTightly(buffers);
}

/** Places the largest buffers first, each in the lowest gap that fits. */
export function placeTightly(buffers: readonly Lifetime[]): Placing {
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
      at = Math.max(at, roundUp(offsets[j] + buffers[j].bytes, LINE_BYTES));
    }
    offsets[i] = at;
    placed.push(i);
    total = Math.max(total, at + buffers[i].bytes);
  }
  return { offsets, bytes: roundUp(total, LINE_BYTES) };
}

/**
 * Places buffers in order of first use, each in the place of a dead one of its size. The time is linear.
 */
export function placeInOrder(buffers: readonly Lifetime[]): Placing {
  const offsets: number[] = new Array(buffers.length).fill(0);
  const byFirst = [...buffers.keys()].sort((a, b) => buffers[a].first - buffers[b].first || a - b);
  const byLast = [...buffers.keys()].sort((a, b) => buffers[a].last - buffers[b].last || a - b);
  const free = new Map<number, number[]>();
  let dead = 0;
  let total = 0;
  for (const i of byFirst) {
    for (; dead < byLast.length && buffers[byLast[dead]].last < buffers[i].first; dead++) {
      const { bytes, first, last } = buffers[byLast[dead]];
      // An unused buffer has its last step before its first.
      if (first > last) continue;
      const places = free.get(bytes) ?? [];
      free.set(bytes, places);
      places.push(offsets[byLast[dead]]);
    }
    const place = free.get(buffers[i].bytes)?.pop();
    offsets[i] = place ?? total;
    if (place === undefined) total = roundUp(total + buffers[i].bytes, LINE_BYTES);
  }
  return { offsets, bytes: total };
}
