import type { LanceDatabase, LanceTable } from "./lance.ts";

/** Name of the table of vectors in LanceDB. */
export const TABLE = "vectors";

/** @returns undefined if there is no table */
export async function openTable(database: LanceDatabase): Promise<LanceTable | undefined> {
  return (await database.tableNames()).includes(TABLE) ? database.openTable(TABLE) : undefined;
}

/** A row of the table. */
export interface IndexedRow {
  readonly part: number;
  readonly place: number;
  /** Scaled to length 1. */
  readonly vector: Float32Array;
}

/** Finds rows that are probably the nearest to a vector of length 1. */
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
    // A later LanceDB returns the distance only if it is named, and this one warns without it.
    .select(["part", "place", "vector", "_distance"])
    .toArrow();
  const [parts, places, vectors] = ["part", "place", "vector"].map((name) => found.getChild(name)!);
  return Array.from({ length: found.numRows }, (_, i) => ({
    part: Number(parts.get(i)),
    place: Number(places.get(i)),
    vector: Float32Array.from((vectors.get(i) as { toArray(): ArrayLike<number> }).toArray()),
  }));
}
