import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ReadError } from "mobilenets";
import { printable } from "../../printable.ts";

/** The record of an index. */

/** Name of the folder with LanceDB's table and the record of its rows. */
export const INDEX = "index";
const RECORD = "index.json";
/** Version of the record and the table. */
const FORMAT = 1;

/** The content of the table. Rows of parts that are not in this record are not valid. */
export interface IndexRecord {
  readonly format: typeof FORMAT;
  /** Numbers per vector. */
  readonly dim: number;
  /** Number of each part in the table, by the part's name. */
  readonly parts: Readonly<Record<string, number>>;
  /** The number of the next part. */
  readonly next: number;
  /** Number of rows when the lists were made. 0 without lists. */
  readonly trained: number;
  /** Number of lists that a search reads, and its share of the ten nearest. */
  readonly probes: number;
  readonly recall: number;
}

export const emptyRecord = (dim: number): IndexRecord => {
  return { format: FORMAT, dim, parts: {}, next: 0, trained: 0, probes: 1, recall: 0 };
};

export const recordPath = (dir: string) => join(dir, INDEX, RECORD);
/** Folder of LanceDB's files. */
export const tableFolder = (dir: string) => join(dir, INDEX, "lance");

/**
 * @returns undefined if there is no index
 * @throws ReadError for a damaged record, or one of another version
 */
export async function readRecord(dir: string): Promise<IndexRecord | undefined> {
  const path = recordPath(dir);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const hint = `delete ${printable(join(dir, INDEX))}: mobilenets index writes it anew`;
  let record: Partial<IndexRecord>;
  try {
    record = JSON.parse(text);
  } catch (cause) {
    throw new ReadError(
      { where: printable(path), found: "no JSON", expected: "the record of an index", hint },
      { cause },
    );
  }
  const { format, dim, parts, next, trained, probes, recall } = record ?? {};
  const numbers = [dim, next, trained, probes, recall].every((value) => typeof value === "number");
  if (format === FORMAT && numbers && typeof parts === "object" && parts !== null) return record as IndexRecord;
  const found = `an index of format ${printable(String(format))}`;
  throw new ReadError({ where: printable(path), found, expected: `format ${FORMAT}`, hint });
}
