import { isAbsolute, join } from "node:path";
import { OptionError } from "mobilenets";
import { csvRows } from "../../csv-rows.ts";
import { PATH } from "../../training/data/csv-header.ts";
import { type Entry, isRemote } from "../entry.ts";

/** Reads manifests: lists of pictures in CSV or JSON. */

/** Names of the column or member with a picture's place, best first. */
const WHERE = ["path", "url", "image", "file", "filename", "file_name"];

/** True for the extensions of manifests. */
export function isManifest(path: string): boolean {
  return /\.(csv|tsv|jsonl|ndjson)$/i.test(path);
}

/**
 * Reads the pictures of a manifest.
 *
 * - `.jsonl`, `.ndjson`: a line is an object with `path` or `url`, and optionally `id`, or a string with the path.
 * - `.csv`, `.tsv` (RFC 4180): columns of these names. Without such a first line, the first column is the path.
 *
 * @param folder base of relative paths
 * @throws OptionError naming the line
 */
export function readManifest(text: string, name: string, folder: string): Entry[] {
  const content = text.replace(/^\ufeff/, "");
  return /\.[ct]sv$/i.test(name) ? fromTable(content, name, folder) : fromLines(content, name, folder);
}

/** Reads the pictures of a list on standard input: one path, URL, or JSON object as in a manifest per line. */
export function readList(text: string, name: string, folder: string): Entry[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    if (line.trim() === "") return [];
    if (line.trimStart().startsWith("{")) return [entryOf(parseLine(line, name, i), `${name}, line ${i + 1}`, folder)];
    return [entryOf({ path: line }, `${name}, line ${i + 1}`, folder)];
  });
}

function fromLines(text: string, name: string, folder: string): Entry[] {
  return text.split("\n").flatMap((line, i) => {
    if (line.trim() === "") return [];
    const value = parseLine(line, name, i);
    return [entryOf(typeof value === "string" ? { path: value } : value, `${name}, line ${i + 1}`, folder)];
  });
}

function parseLine(line: string, name: string, i: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw malformed(`${name}, line ${i + 1}`, "not JSON");
  }
}

function fromTable(text: string, name: string, folder: string): Entry[] {
  const rows = csvRows(text, name);
  const header = rows[0]?.record.map((cell) => cell.toLowerCase()) ?? [];
  const exact = WHERE.map((one) => header.indexOf(one)).find((index) => index >= 0);
  // A name of a file or an address in it makes the first line a picture's.
  const like = header.some((cell) => /[./]/.test(cell))
    ? -1
    : header.findIndex((cell) => PATH.test(cell) && cell !== "id");
  const column = exact ?? (like >= 0 ? like : undefined);
  const id = column === undefined ? -1 : header.indexOf("id");
  return rows.slice(column === undefined ? 0 : 1).map(({ record, line }) => {
    return entryOf({ path: record[column ?? 0], id: record[id] || undefined }, `${name}, line ${line}`, folder);
  });
}

function entryOf(value: unknown, where: string, folder: string): Entry {
  const members = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const source = WHERE.map((name) => members[name]).find((one) => one !== undefined);
  if (typeof source !== "string" || source === "") throw malformed(where, "no path");
  const { id = source } = members;
  if ((typeof id !== "string" && typeof id !== "number") || id === "") {
    throw malformed(where, `id ${JSON.stringify(id)}`);
  }
  const path = isRemote(source) || isAbsolute(source) ? source : join(folder, source);
  return { id: String(id), path };
}

function malformed(where: string, found: string): OptionError {
  const expected = /\.[ct]sv,/.test(where)
    ? "a column path or url"
    : '{"path": "a.jpg"}, or url, and an id if it has one';
  return new OptionError({ where, found, expected });
}
