import type { Places } from "./layout.ts";

/** Which pictures are seen from how far. */
export interface Levels {
  /** Rows: those seen from afar first, each level sorted so that neighbours on the map lie together. */
  readonly order: Uint32Array;
  /** `ends[l]`: so many of the order are seen at level `l` and below. */
  readonly ends: readonly number[];
}

/** Cells along a side of the map at level 0. */
export const GRID = 16;
const MOST_LEVELS = 12;

/**
 * Levels of detail: at level `l` the square is cut into `GRID * 2^l` cells a side, and each shows one picture: the one that
 * is seen from farther already, else the one nearest to its middle. At the last level all are seen.
 * @param places on the square from 0 to 1
 */
export function levelsOf(places: Places): Levels {
  const count = places.length / 2;
  const level = new Uint8Array(count).fill(255);
  const ends: number[] = [];
  let seen = 0;
  for (let l = 0; seen < count; l++) {
    const isLast = l === MOST_LEVELS - 1;
    for (const row of isLast ? Array(count).keys() : representatives(places, level, GRID * 2 ** l)) {
      if (level[row] !== 255) continue;
      level[row] = l;
      seen++;
    }
    ends.push(seen);
  }
  const codes = Float64Array.from({ length: count }, (_, i) => mortonCode(places[2 * i], places[2 * i + 1]));
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => level[a] - level[b] || codes[a] - codes[b] || a - b,
  );
  return { order, ends };
}

/** One row of each cell that has any. */
function representatives(places: Places, level: Uint8Array, cells: number): Iterable<number> {
  const best = new Map<number, { readonly row: number; readonly rank: number }>();
  for (let row = 0; row < level.length; row++) {
    const [u, v] = [places[2 * row] * cells, places[2 * row + 1] * cells];
    const [column, line] = [Math.min(cells - 1, Math.floor(u)), Math.min(cells - 1, Math.floor(v))];
    const distance = (u - column - 0.5) ** 2 + (v - line - 0.5) ** 2;
    // Whoever is seen from farther stays.
    const rank = level[row] === 255 ? distance : level[row] - 255;
    const cell = line * cells + column;
    const before = best.get(cell);
    if (!before || rank < before.rank) best.set(cell, { row, rank });
  }
  return [...best.values()].map(({ row }) => row);
}

/** The bits of both coordinates in turn (Morton 1966): near places have near numbers. */
function mortonCode(x: number, y: number): number {
  const [a, b] = [x, y].map((value) => Math.min(65_535, Math.floor(value * 65_536)));
  let code = 0;
  for (let bit = 15; bit >= 0; bit--) code = code * 4 + ((a >> bit) & 1) + 2 * ((b >> bit) & 1);
  return code;
}
