import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { VectorTable } from "mobilenets/search";
import { takeLock } from "../../run-lock.ts";
import type { Query } from "../../similar/queries.ts";
import { writeAtomic } from "../../write-atomic.ts";
import { unitVectors } from "../unit.ts";
import type { VectorFolder } from "../vectors.ts";
import { ApproximateSearch } from "./approximate.ts";
import type { LanceDatabase, LanceLibrary, LanceTable } from "./lance.ts";
import { openTable, TABLE } from "./lance-table.ts";
import { emptyRecord, INDEX, type IndexRecord, readRecord, recordPath, tableFolder } from "./record.ts";

/** Builds and updates the index of a folder. */

/** LanceDB makes a file per append. Small files cost space and time. */
const ROWS_PER_APPEND = 20_000;
/** Share of new rows at which the lists are made anew. */
const MOST_NEW = 0.5;
/** Least rows for lists. Fewer are as fast without. */
const FEWEST_FOR_LISTS = 1000;
const NEAREST = 10;
const SAMPLE = 100;
/** Difference of similarities between kernels. */
const ROUNDING = 1e-5;
/** Training of the centres. LanceDB's own 50 steps over 256 rows each take five times as long for the same recall. */
const TRAINING = { maxIterations: 20, sampleRate: 128 };

export interface BuildOptions {
  /** Least share of the ten nearest that a search must find. */
  readonly recall: number;
  /** Called with each phase and its number of rows. Returns a function for the finished rows, which throws to stop. */
  readonly onPhase: (what: string, total: number) => (done: number) => Promise<void>;
}

export interface Built {
  readonly rows: number;
  readonly added: number;
  readonly removed: number;
  readonly probes: number;
  /** Share of the ten nearest, measured by a sample of searches. */
  readonly recall: number;
}

/**
 * Updates the index of a folder: adds the rows of new parts, and removes those of removed parts. One process works at a
 * time. After an interruption, the record tells the valid rows, and the next run continues.
 */
export async function buildIndex(folder: VectorFolder, library: LanceLibrary, options: BuildOptions): Promise<Built> {
  const { dir } = folder;
  await mkdir(join(dir, INDEX), { recursive: true });
  const giveBack = await takeLock(join(dir, INDEX, "index.lock"));
  try {
    return await new Builder(folder, library, options).run();
  } finally {
    await giveBack();
  }
}

class Builder {
  readonly #folder: VectorFolder;
  readonly #library: LanceLibrary;
  readonly #options: BuildOptions;
  #record: IndexRecord;

  constructor(folder: VectorFolder, library: LanceLibrary, options: BuildOptions) {
    this.#folder = folder;
    this.#library = library;
    this.#options = options;
    this.#record = emptyRecord(folder.dim);
  }

  async run(): Promise<Built> {
    const { dir, dim, paths } = this.#folder;
    const known = await readRecord(dir);
    if (known?.dim === dim) this.#record = known;
    else await rm(tableFolder(dir), { recursive: true, force: true });
    const database = await this.#library.lance.connect(tableFolder(dir));
    try {
      const before = await openTable(database);
      if (!before) this.#record = emptyRecord(dim);
      const removed = before ? await this.#removeGone(before) : 0;
      const { table, added } = await this.#add(database, before);
      if (!table) return { rows: 0, added, removed, probes: 0, recall: 1 };
      await this.#makeLists(table, paths.length, added + removed);
      if (added + removed > 0 || this.#record.recall === 0) await this.#measure(table);
      table.close();
      const { probes, recall } = this.#record;
      return { rows: paths.length, added, removed, probes, recall };
    } finally {
      database.close();
    }
  }

  async #save(changes: Partial<IndexRecord>): Promise<void> {
    this.#record = { ...this.#record, ...changes };
    await writeAtomic(recordPath(this.#folder.dir), `${JSON.stringify(this.#record)}\n`);
  }

  /** Deletes the rows of removed parts, and those that an interrupted run did not record. */
  async #removeGone(table: LanceTable): Promise<number> {
    const there = new Set(this.#folder.parts().map(({ name }) => name));
    const parts = Object.fromEntries(Object.entries(this.#record.parts).filter(([name]) => there.has(name)));
    const numbers = Object.values(parts);
    const condition = numbers.length > 0 ? `part NOT IN (${numbers.join(", ")})` : "part >= 0";
    const removed = await table.countRows(condition);
    // The record comes first: rows outside it are not valid.
    await this.#save({ parts });
    if (removed > 0) await table.delete(condition);
    return removed;
  }

  async #add(database: LanceDatabase, before: LanceTable | undefined): Promise<{ table?: LanceTable; added: number }> {
    const { dim } = this.#folder;
    const missing = this.#folder.parts().filter(({ name }) => !(name in this.#record.parts));
    const total = missing.reduce((sum, { places }) => sum + places.length, 0);
    const tick = this.#options.onPhase("rows", total);
    let table = before;
    let added = 0;
    let batch: Batch = emptyBatch();
    const flush = async () => {
      if (batch.rows === 0) return;
      const vectors = concat(batch.vectors, batch.rows * dim);
      const rows = this.#library.rowsOf(Int32Array.from(batch.parts), Int32Array.from(batch.places), vectors, dim);
      if (table) await table.add(rows);
      else table = await database.createTable(TABLE, rows);
      added += batch.rows;
      await this.#save({ parts: { ...this.#record.parts, ...batch.names }, next: batch.next });
      batch = emptyBatch();
    };
    let next = this.#record.next;
    for (const { name, from, places } of missing) {
      const number = next++;
      // `features.npy` is one part, and may be larger than an append.
      for (let at = 0; at < places.length; at += ROWS_PER_APPEND) {
        await tick(added + batch.rows);
        const some = places.slice(at, at + ROWS_PER_APPEND);
        batch.vectors.push(unitVectors(await this.#folder.read(from + at, some.length), dim));
        batch.parts.push(...some.map(() => number));
        batch.places.push(...some);
        batch.rows += some.length;
        const isLast = at + some.length === places.length;
        if (isLast) batch.names[name] = number;
        batch.next = number + 1;
        if (batch.rows >= ROWS_PER_APPEND) await flush();
      }
    }
    await flush();
    return { table, added };
  }

  /** Makes lists of rows around centres (an inverted file). A search reads the nearest lists. */
  async #makeLists(table: LanceTable, rows: number, changed: number): Promise<void> {
    const { trained } = this.#record;
    const isStale = trained === 0 || Math.abs(rows - trained) > MOST_NEW * trained;
    if (rows >= FEWEST_FOR_LISTS && isStale) {
      const tick = this.#options.onPhase("lists (without progress)", rows);
      await tick(0);
      const { Index } = this.#library.lance;
      const options = { distanceType: "l2", numPartitions: Math.round(Math.sqrt(rows)), ...TRAINING } as const;
      // One bit per number (RaBitQ, Gao and Long 2024) picks the candidates, which are compared by their vectors.
      const config = this.#folder.dim % 8 === 0 ? Index.ivfRq(options) : Index.ivfFlat(options);
      await table.createIndex("vector", { config, replace: true });
      await this.#save({ trained: rows });
    }
    if (changed > 0) await table.optimize({ cleanupOlderThan: new Date() });
  }

  /** Raises the number of lists that a search reads, 8, 12, 16, 24, 32, ..., until the recall suffices. */
  async #measure(table: LanceTable): Promise<void> {
    const { paths } = this.#folder;
    const tick = this.#options.onPhase("exact search", paths.length);
    const step = Math.max(1, Math.floor(paths.length / SAMPLE));
    const queries: Query[] = [];
    for (let row = 0; queries.length < Math.min(SAMPLE, paths.length); row += step) {
      queries.push({ path: paths[row], vector: await this.#folder.row(row), row });
    }
    const wanted = await this.#leastSimilarities(queries, tick);
    const lists = Math.max(1, Math.round(Math.sqrt(this.#record.trained)));
    for (let probes = 8; ; probes += 2 ** Math.floor(Math.log2(probes)) / 2) {
      const record = { ...this.#record, probes: Math.min(probes, lists) };
      const search = new ApproximateSearch(this.#folder, record, table);
      const searched = this.#options.onPhase(`recall of ${record.probes} lists`, queries.length);
      let hits = 0;
      for (const [q, query] of queries.entries()) {
        await searched(q);
        const [found = []] = await search.nearest([query], NEAREST + 1, undefined);
        const { least, count } = wanted[q];
        // A row of equal similarity counts as found. The query's own row does not count, as other queries have none.
        const right = found.filter(({ index, similarity }) => index !== query.row && similarity >= least - ROUNDING);
        hits += Math.min(count, right.length);
      }
      const all = wanted.reduce((sum, { count }) => sum + count, 0);
      const recall = all === 0 ? 1 : hits / all;
      if (recall < this.#options.recall && probes < lists) continue;
      return this.#save({ probes: record.probes, recall });
    }
  }

  /** Finds the similarity of each query's tenth neighbour by an exact search. */
  async #leastSimilarities(queries: readonly Query[], tick: (done: number) => Promise<void>) {
    const { dim } = this.#folder;
    const vectors = queries.map(({ vector }) => vector);
    const best: number[][] = queries.map(() => []);
    const table = await VectorTable.create({ dimensions: dim });
    for await (const { from, vectors: block } of this.#folder.blocks()) {
      await tick(from);
      table.clear();
      table.add(block);
      for (const [q, list] of table.nearest(vectors, { k: NEAREST + 1 }).entries()) {
        const others = list.filter(({ index }) => from + index !== queries[q].row);
        best[q] = [...best[q], ...others.map(({ similarity }) => similarity)].sort((a, b) => b - a).slice(0, NEAREST);
      }
    }
    return best.map((list) => ({ least: list.at(-1) ?? Infinity, count: list.length }));
  }
}

interface Batch {
  rows: number;
  next: number;
  readonly names: Record<string, number>;
  readonly parts: number[];
  readonly places: number[];
  readonly vectors: Float32Array[];
}

const emptyBatch = (): Batch => ({ rows: 0, next: 0, names: {}, parts: [], places: [], vectors: [] });

function concat(blocks: readonly Float32Array[], length: number): Float32Array {
  if (blocks.length === 1) return blocks[0];
  const all = new Float32Array(length);
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.length;
  }
  return all;
}
