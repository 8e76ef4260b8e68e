import type { Places } from "./layout.ts";

/** The pictures to show at each zoom level. */
export interface Levels {
  /** Rows by level, the coarsest first. Within a level, neighbours on the map follow each other. */
  readonly order: Uint32Array;
  /** `ends[l]` is the number of rows shown at level `l`, the first ones in the order. */
  readonly ends: readonly number[];
}

/** Cells along a side of the map at level 0. */
export const GRID = 16;
const MOST_LEVELS = 12;

/**
 * Computes levels of detail. At level `l`, the square has `GRID * 2^l` cells per side, and each cell shows one picture:
 * that of a coarser level, else the one nearest to the cell's middle. The last level shows all.
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

/** Chooses one row of each non-empty cell. */
function representatives(places: Places, level: Uint8Array, cells: number): Iterable<number> {
  const best = new Map<number, { readonly row: number; readonly rank: number }>();
  for (let row = 0; row < level.length; row++) {
    const [u, v] = [places[2 * row] * cells, places[2 * row + 1] * cells];
    const [column, line] = [Math.min(cells - 1, Math.floor(u)), Math.min(cells - 1, Math.floor(v))];
    const distance = (u - column - 0.5) ** 2 + (v - line - 0.5) ** 2;
    // A row of a coarser level stays.
    const rank = level[row] === 255 ? distance : level[row] - 255;
    const cell = line * cells + column;
    const before = best.get(cell);
    if (!before || rank < before.rank) best.set(cell, { row, rank });
  }
  return [...best.values()].map(({ row }) => row);
}

/** Interleaves the bits of both coordinates (Morton 1966), so near places have near numbers. */
function mortonCode(x: number, y: number): number {
  const [a, b] = [x, y].map((value) => Math.min(65_535, Math.floor(value * 65_536)));
  let code = 0;
  for (let bit = 15; bit >= 0; bit--) code = code * 4 + ((a >> bit) & 1) + 2 * ((b >> bit) & 1);
  return code;
}
