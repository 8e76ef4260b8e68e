import { OptionError } from "mobilenets";
import { type Neighbour, VectorTable } from "mobilenets/search";
import { printable } from "../../printable.ts";
import type { Query } from "../../similar/queries.ts";
import { type Candidate, rerank } from "../exact.ts";
import { unitVectors } from "../unit.ts";
import type { VectorFolder } from "../vectors.ts";
import { type LanceLibrary, type LanceTable, loadLance } from "./lance.ts";
import { openTable, queryTable } from "./lance-table.ts";
import { INDEX, type IndexRecord, readRecord, tableFolder } from "./record.ts";

/** The approximate search in an index of LanceDB. */

/** Number of candidates to compare again, for `top` neighbours. */
const candidatesFor = (top: number) => 2 * top + 20;

/** Rows outside the index to compare at a time. */
const BLOCK = 4096;

/** An index of a folder, open for searching. */
export class ApproximateSearch {
  /** Share of the ten nearest that the index found when it was made. */
  readonly recall: number;
  /** Number of rows outside the index. All of them are compared. */
  readonly missing: number;
  readonly #folder: VectorFolder;
  readonly #table: LanceTable;
  readonly #close: () => void;
  readonly #probes: number;
  /** Finds a row by its part's number and its place in the part. */
  readonly #rows: ReadonlyMap<
    number,
    { readonly from: number; readonly places: ReadonlyMap<number, number> | undefined }
  >;
  readonly #missingParts: readonly { readonly from: number; readonly count: number }[];

  /**
   * @param library default: LanceDB from `loadLance`
   * @throws OptionError if there is no index, or LanceDB is not installed
   */
  static async open(folder: VectorFolder, library?: LanceLibrary): Promise<ApproximateSearch> {
    const { dir, dim } = folder;
    const record = await readRecord(dir);
    const where = "--approximate";
    const hint = `mobilenets index ${printable(dir)} makes one`;
    const expected = "an index of the rows";
    if (!record) throw new OptionError({ where, found: `no folder ${INDEX} in ${printable(dir)}`, expected, hint });
    if (record.dim !== dim) {
      const found = `an index of vectors of ${record.dim} numbers, and rows of ${dim}`;
      throw new OptionError({ where, found, expected, hint });
    }
    const { lance } = library ?? (await loadLance(where));
    const database = await lance.connect(tableFolder(dir));
    const table = await openTable(database);
    if (!table) throw new OptionError({ where, found: "an index without its table", expected, hint });
    return new ApproximateSearch(folder, record, table, () => {
      table.close();
      database.close();
    });
  }

  /** @param close called when the search is closed */
  constructor(folder: VectorFolder, record: IndexRecord, table: LanceTable, close = () => {}) {
    this.#folder = folder;
    this.#table = table;
    this.#close = close;
    this.#probes = record.probes;
    this.recall = record.recall;
    const parts = folder.parts();
    this.#rows = new Map(
      parts.flatMap(({ name, from, places }) => {
        const number = record.parts[name];
        if (number === undefined) return [];
        const isWhole = places.every((place, i) => place === i);
        return [
          [number, { from, places: isWhole ? undefined : new Map(places.map((place, i) => [place, i])) }] as const,
        ];
      }),
    );
    const missing = parts.filter(({ name }) => record.parts[name] === undefined);
    this.#missingParts = missing.map(({ from, places }) => ({ from, count: places.length }));
    this.missing = missing.reduce((sum, { places }) => sum + places.length, 0);
  }

  /**
   * Finds nearly all of the rows most similar to each query. Computes their cosines from the vectors.
   * @param allowed a 1 for each allowed row
   * @returns undefined for a query with too few rows left, which needs an exact search
   */
  async nearest(
    queries: readonly Query[],
    top: number,
    allowed: Uint8Array | undefined,
  ): Promise<(Neighbour[] | undefined)[]> {
    const rest = this.missing > 0 ? await this.#nearestOfMissing(queries, top, allowed) : queries.map(() => []);
    const found: (Neighbour[] | undefined)[] = [];
    for (const [q, query] of queries.entries()) {
      const count = candidatesFor(top) * (allowed ? 8 : 1);
      const unit = unitVectors(query.vector, this.#folder.dim);
      const near = await queryTable(this.#table, unit, { probes: this.#probes, count });
      const candidates: Candidate[] = near.flatMap(({ part, place, vector }) => {
        const row = this.#rowOf(part, place);
        if (row === undefined || (allowed && allowed[row] !== 1)) return [];
        return [{ index: row, similarity: 0, vector }];
      });
      const best = [...candidates, ...rest[q]];
      // Conditions, and rows of removed parts, can leave too few.
      const isShort = best.length < Math.min(top, this.#folder.paths.length);
      found.push(isShort ? undefined : (await rerank(query, best, this.#folder)).slice(0, top));
    }
    return found;
  }

  close(): void {
    this.#close();
  }

  /** Undefined for a row of a removed part. */
  #rowOf(part: number, place: number): number | undefined {
    const known = this.#rows.get(part);
    const offset = known?.places ? known.places.get(place) : place;
    return known && offset !== undefined ? known.from + offset : undefined;
  }

  async #nearestOfMissing(
    queries: readonly Query[],
    top: number,
    allowed: Uint8Array | undefined,
  ): Promise<Candidate[][]> {
    const best: Candidate[][] = queries.map(() => []);
    const vectors = queries.map(({ vector }) => vector);
    const table = await VectorTable.create({ dimensions: this.#folder.dim });
    for (const { from, count } of this.#missingParts) {
      for (let at = from; at < from + count; at += BLOCK) {
        table.clear();
        table.add(await this.#folder.read(at, Math.min(BLOCK, from + count - at)));
        const accept = allowed && ((index: number) => allowed[at + index] === 1);
        for (const [q, list] of table.nearest(vectors, { k: top + 32, accept }).entries()) {
          const more = list.map(({ index, similarity }) => ({ index: at + index, similarity }));
          best[q] = [...best[q], ...more].sort((a, b) => b.similarity - a.similarity).slice(0, top + 32);
        }
      }
    }
    return best;
  }
}
