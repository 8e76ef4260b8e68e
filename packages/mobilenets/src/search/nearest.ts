import type { Tensor } from "../tensor.ts";
import type { Neighbour } from "./top-heap.ts";

/**
 * Vectors to search, one after the other or in blocks `[n, dim]`: an array of vectors, a matrix, or a stream of either,
 * such as an `NpyFile`. A stream is read once; at most one block of it is held in memory.
 */
export type Vectors = Tensor | Iterable<Float32Array | Tensor> | AsyncIterable<Float32Array | Tensor>;

/** Options of `nearest`. */
export interface NearestOptions {
  /** Number of vectors to return per query, at most all. Default 10. */
  readonly k?: number;
  /** `cosine` of the angle, as `cosine()` computes it, or the `dot` product. Default `cosine`. */
  readonly metric?: "cosine" | "dot";
}

/**
 * Returns the vectors most similar to a query, best first; equal ones keep their order. The search is exact: it
 * compares every vector with float64 sums. The result does not depend on the blocks. Several queries share one pass
 * over the vectors and cost less each.
 *
 *     const [best] = await nearest(await model.embed("query.jpg"), vectors, { k: 5 });
 *
 * @param query a vector, or several: an array of vectors or a matrix `[n, dim]`, for a list of neighbours each
 * @throws OptionError for vectors that are not as long as the query, or hold NaN or infinity (it names the row); for an
 *   unknown option
 */
export function nearest(query: Float32Array, vectors: Vectors, options?: NearestOptions): Promise<Neighbour[]>;
export function nearest(
  queries: readonly Float32Array[] | Tensor,
  vectors: Vectors,
  options?: NearestOptions,
): Promise<Neighbour[][]>;
export async function nearest(
  query: Float32Array | readonly Float32Array[] | Tensor,
  vectors: Vectors,
  options: NearestOptions = {},
): Promise<Neighbour[] | Neighbour[][]> {
  // A dynamic import: classification does not need it.
  const { search } = await import("./search.ts");
  const found = await search(query, vectors, options);
  return query instanceof Float32Array ? found[0] : found;
}
