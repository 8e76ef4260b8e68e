import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { OptionError } from "mobilenets";

/** Loads LanceDB, which users install themselves, and declares its API. */

const NAME = "@lancedb/lancedb";
/** Later versions need Node 22, and have no packages for some platforms. */
const INSTALL = `npm install ${NAME}@0.31.0 apache-arrow@18.1.0`;

/** The part of LanceDB that is used here. */
export interface Lance {
  connect(dir: string): Promise<LanceDatabase>;
  readonly Index: { ivfFlat(options: IndexOptions): unknown; ivfRq(options: IndexOptions): unknown };
}

interface IndexOptions {
  readonly distanceType: "l2";
  readonly numPartitions: number;
  readonly maxIterations: number;
  readonly sampleRate: number;
}

export interface LanceDatabase {
  tableNames(): Promise<readonly string[]>;
  openTable(name: string): Promise<LanceTable>;
  createTable(name: string, rows: unknown): Promise<LanceTable>;
  dropTable(name: string): Promise<void>;
  close(): void;
}

export interface LanceTable {
  add(rows: unknown): Promise<unknown>;
  delete(condition: string): Promise<unknown>;
  countRows(condition?: string): Promise<number>;
  createIndex(column: string, options: { readonly config: unknown; readonly replace: true }): Promise<void>;
  listIndices(): Promise<readonly unknown[]>;
  /** Merges small files, adds new rows to the index, and removes versions older than a date. */
  optimize(options: { readonly cleanupOlderThan: Date }): Promise<unknown>;
  query(): { nearestTo(vector: Float32Array): LanceQuery };
  close(): void;
}

export interface LanceQuery {
  distanceType(name: "l2"): LanceQuery;
  nprobes(count: number): LanceQuery;
  limit(count: number): LanceQuery;
  select(columns: readonly string[]): LanceQuery;
  toArrow(): Promise<{ readonly numRows: number; getChild(name: string): { get(index: number): unknown } | null }>;
}

/** The part of `apache-arrow` that is used here. */
interface Arrow {
  readonly Int32: new () => unknown;
  readonly Float32: new () => unknown;
  readonly Field: new (name: string, type: unknown, nullable: boolean) => unknown;
  readonly FixedSizeList: new (length: number, field: unknown) => unknown;
  readonly Table: new (columns: Readonly<Record<string, unknown>>) => unknown;
  makeData(data: object): unknown;
  makeVector(data: unknown): unknown;
}

export interface LanceLibrary {
  readonly lance: Lance;
  /** Makes rows for a table from the parts' numbers, the places in the parts, and the vectors `[rows, dim]`. */
  rowsOf(parts: Int32Array, places: Int32Array, vectors: Float32Array, dim: number): unknown;
}

/**
 * Loads LanceDB from beside the command line, or from the project that calls it.
 * @param where the option that needs it
 * @param project folder of a project that may have LanceDB installed
 * @throws OptionError with the command to install it
 */
export async function loadLance(where: string, project = process.cwd()): Promise<LanceLibrary> {
  let cause: unknown;
  for (const from of [import.meta.url, pathToFileURL(join(project, "package.json")).href]) {
    try {
      const path = createRequire(from).resolve(NAME);
      const lance = (await import(pathToFileURL(path).href)) as Lance;
      // LanceDB refuses tables of another copy of Arrow.
      return { lance, rowsOf: rowMaker(createRequire(path)("apache-arrow") as Arrow) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      cause ??= error;
      if (code !== "MODULE_NOT_FOUND") cause = error;
    }
  }
  const { code, message } = cause as NodeJS.ErrnoException;
  const found =
    code === "MODULE_NOT_FOUND" ? `${NAME} is not installed` : `${NAME} cannot be loaded (${message.split("\n")[0]})`;
  const hint = `${INSTALL}; without an index \`search\` compares all rows`;
  throw new OptionError({ where, found, expected: "the library that keeps the index", hint }, { cause });
}

function rowMaker(arrow: Arrow): LanceLibrary["rowsOf"] {
  const { makeData, makeVector, FixedSizeList, Field, Float32, Int32, Table } = arrow;
  return (parts, places, vectors, dim) => {
    const { length } = parts;
    const numbers = (data: Int32Array) => makeVector(makeData({ type: new Int32(), length, nullCount: 0, data }));
    const child = makeData({ type: new Float32(), length: vectors.length, nullCount: 0, data: vectors });
    const type = new FixedSizeList(dim, new Field("item", new Float32(), false));
    const vector = makeVector(makeData({ type, length, nullCount: 0, child }));
    return new Table({ part: numbers(parts), place: numbers(places), vector });
  };
}
