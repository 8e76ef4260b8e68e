import { MobileNetsError, OptionError } from "mobilenets";
import { cosine, type Neighbour, VectorTable, type VectorType } from "mobilenets/search";
import { printable } from "../printable.ts";
import type { Query } from "../similar/queries.ts";
import type { VectorFolder } from "./vectors.ts";

/** Options of an exact search. */
export interface ExactOptions {
  /** Neighbours per query. */
  readonly top: number;
  /** Number format of the first comparison. The best rows are compared again in float64. */
  readonly precision: VectorType;
}

/**
 * Finds the rows most similar to each query, by `cosine()` in float64. A kernel of less precision picks the candidates
 * from all rows. It picks more than `top`, because its rounding can mix up the order.
 *
 * float32 and float16 are exact. Candidates suffice when the last one, at the largest error, stays behind the last
 * result. int8 has no useful bound for the error, and takes many candidates instead.
 */
export async function exactSearch(
  queries: readonly Query[],
  folder: VectorFolder,
  { top, precision }: ExactOptions,
  scan: Scan,
): Promise<Neighbour[][]> {
  const found: (Neighbour[] | undefined)[] = queries.map(() => undefined);
  for (let candidates = rerankCount(precision, top); ; candidates *= 8) {
    const open = queries.flatMap((_, q) => (found[q] ? [] : [q]));
    if (open.length === 0) return found as Neighbour[][];
    const best = await scan(
      open.map((q) => queries[q].vector),
      candidates,
    );
    for (const [i, q] of open.entries()) {
      const exact = await rerank(queries[q], best[i], folder);
      const isEnough =
        candidates >= MOST_CANDIDATES ||
        best[i].length < candidates ||
        best[i][candidates - 1].similarity + ERROR[precision] < exact[top - 1].similarity;
      if (isEnough) found[q] = exact.slice(0, top);
    }
  }
}

/** Limit that ends a search among almost equal vectors. The rest then differs by less than rounding. */
const MOST_CANDIDATES = 20_000;

const CANDIDATES: Readonly<Record<VectorType, (top: number) => number>> = {
  float32: (top) => top + 32,
  float16: (top) => 2 * top + 64,
  int8: (top) => 8 * top + 128,
};

/** Number of candidates to compare again, for `top` neighbours. */
export const rerankCount = (precision: VectorType, top: number): number => CANDIDATES[precision](top);

/**
 * Largest error of a cosine. float32: the rounding of a few hundred additions, each 2^-24. float16: the rounding of
 * each number, half a unit in the last place (2^-12) at most twice over, and of the sums. int8: see `exactSearch`.
 */
const ERROR: Readonly<Record<VectorType, number>> = { float32: 3e-5, float16: 6e-4, int8: -2 };

/** Finds the `k` rows nearest to each query, in the scan's precision. */
export type Scan = (queries: readonly Float32Array[], k: number) => Promise<Candidate[][]>;

export interface Candidate extends Neighbour {
  /** A copy of the row. Reading one row of a part again takes the whole part. */
  readonly vector?: Float32Array;
}

export interface ScanOptions {
  /** A 1 for each allowed row. */
  readonly allowed?: Uint8Array;
  /** Called with the number of finished rows. Throws to stop the search. */
  readonly onProgress?: (rows: number) => void;
}

/** Scans the vectors block by block, and holds one block in memory. For folders larger than memory. */
export function streamed(folder: VectorFolder, precision: VectorType, { allowed, onProgress }: ScanOptions): Scan {
  return async (queries, k) => {
    const table = await VectorTable.create({ dimensions: folder.dim, type: precision });
    let best: Candidate[][] = queries.map(() => []);
    for await (const { from, vectors } of folder.blocks()) {
      onProgress?.(from);
      table.clear();
      addRows(table, vectors, from, folder);
      const accept = allowed && ((index: number) => allowed[from + index] === 1);
      const found = table.nearest(queries, { k, accept });
      best = best.map((before, q) => merge(before, found[q], { from, vectors, dim: folder.dim }, k));
    }
    onProgress?.(folder.paths.length);
    return best;
  };
}

/** Scans vectors that stay in memory, for one query after the other. */
export async function resident(
  folder: VectorFolder,
  precision: VectorType,
  { allowed, onProgress }: ScanOptions,
): Promise<Scan> {
  const table = await VectorTable.create({ dimensions: folder.dim, type: precision, capacity: folder.paths.length });
  for await (const { from, vectors } of folder.blocks()) {
    onProgress?.(from);
    addRows(table, vectors, from, folder);
  }
  const accept = allowed && ((index: number) => allowed[index] === 1);
  return async (queries, k) => {
    const found = table.nearest(queries, { k, accept });
    if (precision !== "float32") return found;
    return found.map((list) => list.map((one) => ({ ...one, vector: table.row(one.index) })));
  };
}

function merge(
  best: readonly Candidate[],
  found: readonly Neighbour[],
  { from, vectors, dim }: { readonly from: number; readonly vectors: Float32Array; readonly dim: number },
  k: number,
): Candidate[] {
  const more = found.map(({ index, similarity }): Candidate => ({ index: from + index, similarity }));
  const kept = [...best, ...more].sort(better).slice(0, k);
  // The kept rows are copied, because a view would hold the whole block.
  return kept.map((one): Candidate => {
    const at = (one.index - from) * dim;
    return one.vector ? one : { ...one, vector: vectors.slice(at, at + dim) };
  });
}

const better = (a: Neighbour, b: Neighbour) => b.similarity - a.similarity || a.index - b.index;

/** @throws OptionError naming the picture of a row that is not finite */
export function addRows(table: VectorTable, rows: Float32Array, from: number, folder: VectorFolder): void {
  const before = table.rows;
  try {
    table.add(rows);
  } catch (error) {
    const [, row] = (MobileNetsError.is(error) && /^vectors, row (\d+)$/.exec(error.where)) || [];
    if (row === undefined || !(error instanceof OptionError)) throw error;
    const where = `features of ${printable(folder.paths[from + Number(row) - before])}`;
    throw new OptionError({ ...error, where, hint: "`extract` this folder anew" }, { cause: error });
  }
}

/** Sorts candidates by their exact cosine. */
export async function rerank(
  { vector }: Query,
  candidates: readonly Candidate[],
  folder: VectorFolder,
): Promise<Neighbour[]> {
  const exact: Neighbour[] = [];
  // Rows are read in the order of the file.
  for (const { index, vector: row } of [...candidates].sort((a, b) => a.index - b.index)) {
    exact.push({ index, similarity: cosine(vector, row ?? (await folder.row(index))) });
  }
  return exact.sort(better);
}
