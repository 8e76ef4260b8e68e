import type { LanceDatabase, LanceTable } from "./lance.ts";

export const TABLE = "vectors";

/** @returns undefined where there is none yet */
export async function openTable(database: LanceDatabase): Promise<LanceTable | undefined> {
  return (await database.tableNames()).includes(TABLE) ? database.openTable(TABLE) : undefined;
}

/** A row of the table. */
export interface IndexedRow {
  readonly part: number;
  readonly place: number;
  /** Of length 1. */
  readonly vector: Float32Array;
}

/** Rows that are probably the nearest to a vector of length 1. */
export async function queryTable(
  table: LanceTable,
  query: Float32Array,
  { probes, count }: { readonly probes: number; readonly count: number },
): Promise<IndexedRow[]> {
  const found = await table
    .query()
    .nearestTo(query)
    .distanceType("l2")
    .nprobes(probes)
    .limit(count)
    // The distance is named since a later LanceDB will not give it otherwise, and this one warns of that.
    .select(["part", "place", "vector", "_distance"])
    .toArrow();
  const [parts, places, vectors] = ["part", "place", "vector"].map((name) => found.getChild(name)!);
  return Array.from({ length: found.numRows }, (_, i) => ({
    part: Number(parts.get(i)),
    place: Number(places.get(i)),
    vector: Float32Array.from((vectors.get(i) as { toArray(): ArrayLike<number> }).toArray()),
  }));
}
