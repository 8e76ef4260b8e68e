import { OptionError } from "mobilenets";
import { csvRows } from "../../csv-rows.ts";
import { isPictureName } from "../../pictures/other-formats.ts";
import { type Entry, isRemote } from "../entry.ts";
import { placeOf } from "./place.ts";

/** Reads manifests: lists of pictures in CSV or JSON. */

/** Names of columns and members with a picture's place, best first. A feed of products has `url` for the page. */
const PLACES: readonly RegExp[] = [
  /^path$/,
  /^(.*[ _.-])?(image|img|picture|photo|pic)s?[ _-]?(path|url|uri|link|src|href|file|file[ _-]?name|name)$/,
  /^url$/,
  /^(image|img|picture|photo|pic)s?$/,
  /^file$/,
  /^file[ _-]?name$/,
  /^(.*[ _.-])?(file[ _-]?)?(path|uri|url|src)$/,
];
/** Rows that show which column has pictures if no name does. */
const LOOKED_AT = 100;

const LINE = '{"path": "a.jpg"}, or url, and an id if it has one';

/** True for the extensions of manifests, also packed ones and those behind an address. */
export function isManifest(input: string): boolean {
  const { pathname } = isRemote(input) && URL.canParse(input) ? new URL(input) : { pathname: input };
  return /\.(csv|tsv|jsonl|ndjson)(\.gz)?$/i.test(pathname);
}

/**
 * Reads the pictures of a manifest.
 *
 * - `.jsonl`, `.ndjson`: a line is an object with `path` or `url`, and optionally `id`, or a string with the path.
 * - `.csv`, `.tsv` (RFC 4180): columns of these names. Without such a first line, the first column that has pictures'
 *   names in it is the path.
 *
 * @param base folder of relative paths, or the manifest's own address
 * @throws OptionError naming the line
 */
export function readManifest(text: string, name: string, base: string): Entry[] {
  const content = text.replace(/^\ufeff/, "");
  return /\.[ct]sv(\.gz)?([?#]|$)/i.test(name) ? fromTable(content, name, base) : fromLines(content, name, base);
}

/**
 * Reads the pictures of a list on standard input: one path, URL, or JSON object as in a manifest per line. Zero bytes
 * end the lines if there are any, as `find -print0` writes them.
 */
export function readList(text: string, name: string, base: string): Entry[] {
  return linesOf(text).flatMap((line, i) => {
    const where = `${name}, line ${i + 1}`;
    if (line.trim() === "") return [];
    return [entryOf(line.trimStart().startsWith("{") ? parseLine(line, where) : { path: line }, where, base)];
  });
}

/** Splits a list at zero bytes, else at line ends. */
export function linesOf(text: string): string[] {
  return text.includes("\0") ? text.split("\0") : text.replace(/^\ufeff/, "").split(/\r?\n/);
}

function fromLines(text: string, name: string, base: string): Entry[] {
  return text.split("\n").flatMap((line, i) => {
    const where = `${name}, line ${i + 1}`;
    if (line.trim() === "") return [];
    const value = parseLine(line, where);
    return [entryOf(typeof value === "string" ? { path: value } : value, where, base)];
  });
}

function parseLine(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw malformed(where, "not JSON");
  }
}

function fromTable(text: string, name: string, base: string): Entry[] {
  const rows = csvRows(text, name);
  const { columns, id, hasHeader } = columnsOf(
    rows.slice(0, LOOKED_AT).map(({ record }) => record),
    name,
  );
  return rows.slice(hasHeader ? 1 : 0).map(({ record, line }) => {
    const path = columns.map((column) => record[column]).find((cell) => cell);
    return entryOf({ path, id: record[id] }, `${name}, line ${line}`, base, "a column path or url");
  });
}

interface Columns {
  /** Columns with the place, best first. */
  readonly columns: readonly number[];
  /** -1 if there is none. */
  readonly id: number;
  readonly hasHeader: boolean;
}

function columnsOf(rows: readonly (readonly string[])[], name: string): Columns {
  const [first = [], ...rest] = rows;
  const header = first.map((cell) => cell.toLowerCase());
  // A name of a picture, or an address, makes the first line a picture's.
  const columns = first.some(isPlace) ? [] : byRank(header);
  if (columns.length > 0) return { columns, id: header.indexOf("id"), hasHeader: true };
  const full = first.findIndex((cell, column) => {
    return rest.length > 0 ? rest.every((record) => isPlace(record[column] ?? "")) : isPlace(cell);
  });
  if (full >= 0) {
    const hasHeader = !isPlace(first[full]);
    return { columns: [full], id: hasHeader ? header.indexOf("id") : -1, hasHeader };
  }
  if (first.length <= 1 || isPlace(first[0])) return { columns: [0], id: -1, hasHeader: false };
  const found = `none with names of pictures among the columns ${first.map((cell) => JSON.stringify(cell)).join(", ")}`;
  throw new OptionError({ where: name, found, expected: "a column path or url" });
}

function isPlace(cell: string): boolean {
  return isPictureName(cell) || cell.includes("/");
}

/** Indices of the names of places, best first. */
function byRank(names: readonly string[]): number[] {
  const ranks = names.map(rankOf);
  return [...ranks.keys()].filter((i) => ranks[i] >= 0).sort((a, b) => ranks[a] - ranks[b]);
}

/** Ranks by name: the lines of a list have the same names. */
const ranks = new Map<string, number>();
const MOST_RANKS = 1000;

/** -1 for other names. */
function rankOf(name: string): number {
  let rank = ranks.get(name);
  if (rank !== undefined) return rank;
  rank = PLACES.findIndex((pattern) => pattern.test(name));
  if (ranks.size < MOST_RANKS) ranks.set(name, rank);
  return rank;
}

function entryOf(value: unknown, where: string, base: string, expected = LINE): Entry {
  const members = Object.entries(typeof value === "object" && value !== null ? value : {});
  const ranked = byRank(members.map(([name]) => name.toLowerCase())).map((i) => members[i][1] as unknown);
  const source = ranked.find((one) => one !== undefined && one !== null && one !== "");
  if (typeof source !== "string") throw malformed(where, "no path", expected);
  // Programs write null for a missing value.
  const { id: given } = value as { readonly id?: unknown };
  const id = given === undefined || given === null || given === "" ? source : given;
  if (typeof id === "number" && Number.isInteger(id) && !Number.isSafeInteger(id)) {
    throw malformed(where, `an id of more digits than a number holds, about ${id}`, "it in quotes");
  }
  if (typeof id !== "string" && typeof id !== "number") throw malformed(where, `id ${JSON.stringify(id)}`, expected);
  return { id: String(id), path: placeOf(source, where, base) };
}

function malformed(where: string, found: string, expected = LINE): OptionError {
  return new OptionError({ where, found, expected });
}
