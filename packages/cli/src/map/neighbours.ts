import { VectorTable } from "mobilenets/search";
import { type HalfRows, vectorsOf } from "./half-rows.ts";

/** The `each` most similar rows of every row, as `[rows, each]`, best first. */
export interface Nearest {
  readonly each: number;
  readonly indices: Uint32Array;
  /** Cosines. */
  readonly similarities: Float32Array;
}

/** Called with the number of finished rows. Lets Node handle signals. Throws to stop. */
export type Tick = (done: number) => Promise<void>;

/** Queries per pass: as many as a table holds at once. */
const QUERIES = 64;

/**
 * Draws landmarks, the rows that stand for all others, at random.
 * @param next uniform numbers, 0 to below 1
 * @returns ascending
 */
export function chooseLandmarks(rows: number, count: number, next: () => number): Uint32Array {
  const all = Uint32Array.from({ length: rows }, (_, i) => i);
  const wanted = Math.min(rows, count);
  // These are the first steps of a Fisher-Yates shuffle.
  for (let i = 0; i < wanted; i++) {
    const other = i + Math.floor(next() * (rows - i));
    [all[i], all[other]] = [all[other], all[i]];
  }
  return all.slice(0, wanted).sort();
}

/** Finds the nearest landmarks of every row, as indices into the list. */
export async function nearestLandmarks(
  rows: HalfRows,
  landmarks: Uint32Array,
  each: number,
  tick: Tick,
): Promise<Nearest> {
  const { dim } = rows;
  const k = Math.min(each, landmarks.length);
  const table = await VectorTable.create({ dimensions: dim, type: "int8", capacity: landmarks.length });
  for (let from = 0; from < landmarks.length; from += 1024) {
    table.add(rows.gather(landmarks.subarray(from, from + 1024)));
  }
  const nearest = emptyNearest(rows.count, k);
  for (let from = 0; from < rows.count; from += QUERIES) {
    await tick(from);
    const queries = vectorsOf(rows.slice(from, Math.min(rows.count, from + QUERIES)), dim);
    for (const [i, list] of table.nearest(queries, { k }).entries()) write(nearest, from + i, list);
  }
  return nearest;
}

/**
 * Finds the most similar other rows of every row. Candidates are the rows of the landmarks nearest to the row's own
 * landmark (an inverted file, Sivic and Zisserman 2003). Exact for few rows; else it misses some of the less similar.
 */
export async function nearestRows(
  rows: HalfRows,
  landmarks: Uint32Array,
  toLandmarks: Nearest,
  each: number,
  tick: Tick,
): Promise<Nearest> {
  const { count, dim } = rows;
  const nearest = emptyNearest(count, Math.min(each, count - 1));
  const members = membersOf(toLandmarks, count, landmarks.length);
  const table = await VectorTable.create({ dimensions: dim, type: "float16" });
  let done = 0;
  for (const [place, own] of members.entries()) {
    if (own.length === 0) continue;
    const from = landmarks[place] * toLandmarks.each;
    const candidates = enough(
      toLandmarks.indices.subarray(from, from + toLandmarks.each),
      members,
      nearest.each,
      place,
    );
    table.clear();
    for (let at = 0; at < candidates.length; at += 1024) table.add(rows.gather(candidates.slice(at, at + 1024)));
    for (let at = 0; at < own.length; at += QUERIES) {
      await tick(done);
      const some = own.slice(at, at + QUERIES);
      const found = table.nearest(vectorsOf(rows.gather(some), dim), { k: nearest.each + 1 });
      for (const [i, list] of found.entries()) {
        const others = list
          .map((one) => ({ ...one, index: candidates[one.index] }))
          .filter(({ index }) => index !== some[i]);
        write(nearest, some[i], others.slice(0, nearest.each));
      }
      done += some.length;
    }
  }
  return nearest;
}

/** The rows of these landmarks, or all rows if they are too few. */
function enough(places: Uint32Array, members: readonly number[][], least: number, own: number): number[] {
  const some = [own, ...places].filter((place, i, all) => all.indexOf(place) === i).flatMap((place) => members[place]);
  return some.length > least ? some : members.flat();
}

function membersOf({ indices, each }: Nearest, count: number, landmarks: number): number[][] {
  const members: number[][] = Array.from({ length: landmarks }, () => []);
  for (let row = 0; row < count; row++) members[indices[row * each]].push(row);
  return members;
}

function emptyNearest(rows: number, each: number): Nearest {
  return { each, indices: new Uint32Array(rows * each), similarities: new Float32Array(rows * each) };
}

function write(
  { each, indices, similarities }: Nearest,
  row: number,
  list: readonly { readonly index: number; readonly similarity: number }[],
): void {
  for (const [i, { index, similarity }] of list.entries()) {
    indices[row * each + i] = index;
    similarities[row * each + i] = similarity;
  }
}
