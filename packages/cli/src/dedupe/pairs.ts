import { VectorTable } from "mobilenets/search";
import { DESCRIPTOR_LENGTH, type Turn, turnDescriptor } from "./descriptor.ts";

/** Two pictures that may be copies of each other. */
export interface Pair {
  readonly a: number;
  readonly b: number;
  /** Cosine of what was compared. */
  readonly similarity: number;
  /** Place among the turns that were tried: how `a` was turned. */
  readonly turn: number;
}

export interface PairOptions {
  /** Numbers per vector. */
  readonly dimensions: number;
  /** Less similar ones are no candidates. */
  readonly least: number;
  /** Candidates of a picture at most. */
  readonly most: number;
  /** The ways a picture may lie; needs descriptors. Default: as it is. */
  readonly turns?: readonly Turn[];
  /** Called with the vectors that are done; throws to stop. */
  readonly onProgress?: (done: number) => void;
}

const QUERIES = 64;

/**
 * Every vector with those most like it, in memory for the vectors as int8 and for some candidates each: never for all pairs.
 * A pair comes as often as it is found, from either side.
 */
export async function* candidatePairs(
  count: number,
  vectorOf: (index: number) => Float32Array,
  { dimensions, least, most, turns, onProgress }: PairOptions,
): AsyncGenerator<Pair, void, undefined> {
  const table = await VectorTable.create({ dimensions, type: "int8", capacity: count });
  for (let i = 0; i < count; i++) table.add(vectorOf(i));
  const ways = turns ?? [undefined];
  for (let from = 0; from < count; from += QUERIES) {
    onProgress?.(from);
    const length = Math.min(QUERIES, count - from);
    for (const [turn, way] of ways.entries()) {
      const queries = Array.from({ length }, (_, i) => {
        const vector = vectorOf(from + i);
        return way && dimensions === DESCRIPTOR_LENGTH ? turnDescriptor(vector, way) : vector;
      });
      const found = table.nearest(queries, { k: most + 1 });
      for (const [i, list] of found.entries()) {
        const own = from + i;
        for (const { index, similarity } of list) {
          if (index === own || similarity < least) continue;
          yield { a: own, b: index, similarity, turn };
        }
      }
    }
    // Lets signals in.
    await new Promise((resolve) => setImmediate(resolve));
  }
  onProgress?.(count);
}
