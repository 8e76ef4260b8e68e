import { VectorTable } from "mobilenets/search";
import { BLOCK, type HalfRows, vectorsOf } from "./half-rows.ts";
import type { Places } from "./layout.ts";
import type { Tick } from "./neighbours.ts";

/** The trustworthiness of a map. */

/** Most neighbours on the map per row. */
const MOST_NEIGHBOURS = 15;
/** Rows to check. */
const SAMPLE = 100;

/** Neighbours on the map per row, for a map of `count` pictures. */
export const trustNeighbours = (count: number): number => Math.min(MOST_NEIGHBOURS, Math.floor(count / 3));

/**
 * Measures the trustworthiness of the map (Venna and Kaski 2001), 0 to 1. 1 means that neighbours on the map are also
 * neighbours by their features. A random map has about 0.5. Checks a sample of the rows against all rows.
 * @returns undefined for too few rows
 */
export async function trustworthiness(
  rows: HalfRows,
  places: Places,
  next: () => number,
  tick: Tick,
): Promise<number | undefined> {
  const { count, dim } = rows;
  const k = trustNeighbours(count);
  if (k < 1) return undefined;
  const sample = Array.from({ length: Math.min(count, SAMPLE) }, (_, i) =>
    count <= SAMPLE ? i : Math.floor(next() * count),
  );
  const queries = vectorsOf(rows.gather(sample), dim);
  const similarities = sample.map(() => new Float32Array(count));
  const table = await VectorTable.create({ dimensions: dim, type: "float32" });
  for (let from = 0; from < count; from += BLOCK) {
    await tick(from);
    const block = rows.slice(from, Math.min(count, from + BLOCK));
    table.clear();
    table.add(block);
    for (const [q, list] of table.nearest(queries, { k: table.rows }).entries()) {
      for (const { index, similarity } of list) similarities[q][from + index] = similarity;
    }
  }
  let penalty = 0;
  for (const [q, row] of sample.entries()) {
    for (const neighbour of nearestPlaces(places, row, k)) {
      const own = similarities[q][neighbour];
      let rank = 1;
      for (let other = 0; other < count; other++) {
        if (other !== row && similarities[q][other] > own) rank++;
      }
      penalty += Math.max(0, rank - k);
    }
  }
  return 1 - (2 / (sample.length * k * (2 * count - 3 * k - 1))) * penalty;
}

function nearestPlaces(places: Places, row: number, k: number): number[] {
  const count = places.length / 2;
  const squares = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    squares[i] = (places[2 * i] - places[2 * row]) ** 2 + (places[2 * i + 1] - places[2 * row + 1]) ** 2;
  }
  squares[row] = Infinity;
  const limit = Float64Array.from(squares).sort()[k - 1];
  const near: number[] = [];
  for (let i = 0; i < count && near.length < k; i++) if (squares[i] <= limit) near.push(i);
  return near;
}
