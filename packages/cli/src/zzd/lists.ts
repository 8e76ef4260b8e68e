import { VectorTable } from "mobilenets/search";

/** Rows near one landmark, and the queries to compare with them. */
export interface List {
  readonly members: readonly number[];
  readonly queries: readonly number[];
}

export interface ListOptions {
  readonly dimensions: number;
  /** Number of vectors, which become members. */
  readonly count: number;
  /** Number of queries. */
  readonly queries: number;
  vector(index: number): Float32Array;
  query(index: number): Float32Array;
  /** Called with the number of sorted vectors and queries. Lets Node handle signals. Throws to stop. */
  readonly onProgress: (done: number) => Promise<void>;
}

/** Landmarks per vector or query. Near vectors nearly always have one in common. */
const LANDMARKS_EACH = 3;
const MOST_LANDMARKS = 4096;
const AT_ONCE = 64;

/**
 * Sorts vectors and queries into the lists of their nearest landmarks (an inverted file, Sivic and Zisserman 2003). A
 * query is then compared with the members of its lists only. Landmarks are evenly spaced rows.
 */
export async function sortIntoLists(options: ListOptions): Promise<List[]> {
  const { dimensions, count, queries, vector, query, onProgress } = options;
  const landmarks = Math.min(MOST_LANDMARKS, Math.max(1, Math.round(4 * Math.sqrt(count))));
  const table = await VectorTable.create({ dimensions, type: "int8", capacity: landmarks });
  for (let i = 0; i < landmarks; i++) table.add(vector(Math.floor((i * count) / landmarks)));
  const lists = Array.from({ length: landmarks }, () => ({ members: [] as number[], queries: [] as number[] }));
  let done = 0;
  const sort = async (kind: "members" | "queries", total: number, of: (index: number) => Float32Array) => {
    for (let from = 0; from < total; from += AT_ONCE) {
      await onProgress(done);
      const some = Array.from({ length: Math.min(AT_ONCE, total - from) }, (_, i) => of(from + i));
      for (const [i, found] of table.nearest(some, { k: LANDMARKS_EACH }).entries()) {
        for (const { index } of found) lists[index][kind].push(from + i);
      }
      done += some.length;
    }
  };
  await sort("members", count, vector);
  await sort("queries", queries, query);
  return lists;
}
