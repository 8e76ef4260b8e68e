import { type Neighbour, VectorTable } from "mobilenets/search";
import { DESCRIPTOR_LENGTH, type Turn, turnDescriptor } from "./descriptor.ts";
import { sortIntoLists } from "./lists.ts";

/** Two pictures that may be copies of each other. */
export interface Pair {
  readonly a: number;
  readonly b: number;
  /** Cosine of the vectors. */
  readonly similarity: number;
  /** Index of the turn that was applied to `a`. */
  readonly turn: number;
}

export interface PairOptions {
  /** Numbers per vector. */
  readonly dimensions: number;
  /** Least similarity of candidates. */
  readonly least: number;
  /** Most candidates per picture and list. */
  readonly most: number;
  /** Orientations to try, for descriptors only. Default: upright. */
  readonly turns?: readonly Turn[];
  /** Called with the number of finished vectors. Throws to stop. */
  readonly onProgress?: (done: number) => void;
  /** Most multiplications for comparing all with all. Default: some minutes of work. */
  readonly mostWork?: number;
}

const QUERIES = 64;
/** About 100,000 pictures by their descriptors. */
const MOST_WORK = 5e11;

/**
 * Finds the vectors most like each vector. Holds some candidates per vector in memory, never all pairs. Up to
 * `mostWork`, all are compared with all, as int8. More are sorted into lists and compared within them, so the time
 * grows with their number. A pair can come several times, from either side.
 */
export async function* candidatePairs(
  count: number,
  vectorOf: (index: number) => Float32Array,
  options: PairOptions,
): AsyncGenerator<Pair, void, undefined> {
  const { dimensions, mostWork = MOST_WORK } = options;
  if (count ** 2 * dimensions <= mostWork) yield* pairsOfAll(count, vectorOf, options);
  else yield* pairsOfLists(count, vectorOf, options);
}

async function* pairsOfAll(
  count: number,
  vectorOf: (index: number) => Float32Array,
  { dimensions, least, most, turns = [], onProgress }: PairOptions,
): AsyncGenerator<Pair, void, undefined> {
  const table = await VectorTable.create({ dimensions, type: "int8", capacity: count });
  for (let i = 0; i < count; i++) table.add(vectorOf(i));
  const ways = turns.length > 0 ? turns : [undefined];
  for (let from = 0; from < count; from += QUERIES) {
    onProgress?.(from);
    const length = Math.min(QUERIES, count - from);
    for (const [turn, way] of ways.entries()) {
      const queries = Array.from({ length }, (_, i) => turned(vectorOf(from + i), way));
      for (const [i, list] of table.nearest(queries, { k: most + 1 }).entries()) {
        yield* pairsFrom(from + i, turn, list, least);
      }
    }
    await breathe();
  }
  onProgress?.(count);
}

async function* pairsOfLists(
  count: number,
  vectorOf: (index: number) => Float32Array,
  { dimensions, least, most, turns = [], onProgress }: PairOptions,
): AsyncGenerator<Pair, void, undefined> {
  const ways = turns.length > 0 ? turns : [undefined];
  // A query is a turned vector. The upright vectors come first, and are members of the lists.
  const others = ways.length - 1;
  const wayOf = (query: number) => (query < count ? 0 : 1 + ((query - count) % others));
  const rowOf = (query: number) => (query < count ? query : Math.floor((query - count) / others));
  const queryOf = (query: number) => turned(vectorOf(rowOf(query)), ways[wayOf(query)]);
  const queries = count * others;
  const lists = await sortIntoLists({
    ...{ dimensions, count, queries, vector: vectorOf, query: (i) => queryOf(count + i) },
    async onProgress(done) {
      onProgress?.(Math.floor((done / (count + queries)) * SORTING * count));
      await breathe();
    },
  });
  const table = await VectorTable.create({ dimensions, type: "int8" });
  for (const [l, list] of lists.entries()) {
    onProgress?.(Math.floor((SORTING + (1 - SORTING) * (l / lists.length)) * count));
    table.clear();
    for (const member of list.members) table.add(vectorOf(member));
    if (table.rows === 0) continue;
    const asked = [...list.members, ...list.queries.map((query) => count + query)];
    for (let from = 0; from < asked.length; from += QUERIES) {
      const some = asked.slice(from, from + QUERIES);
      for (const [i, found] of table.nearest(some.map(queryOf), { k: most + 1 }).entries()) {
        const named = found.map(({ index, similarity }) => ({ index: list.members[index], similarity }));
        yield* pairsFrom(rowOf(some[i]), wayOf(some[i]), named, least);
      }
      await breathe();
    }
  }
  onProgress?.(count);
}

/** Approximate share of the time for sorting, for the progress display. */
const SORTING = 0.7;

function turned(vector: Float32Array, way: Turn | undefined): Float32Array {
  return way && vector.length === DESCRIPTOR_LENGTH ? turnDescriptor(vector, way) : vector;
}

function* pairsFrom(a: number, turn: number, list: readonly Neighbour[], least: number): Generator<Pair> {
  for (const { index: b, similarity } of list) if (b !== a && similarity >= least) yield { a, b, similarity, turn };
}

/** Lets Node handle signals. */
const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));
