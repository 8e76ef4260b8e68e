import { readFile } from "node:fs/promises";
import { dirname, extname, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { OptionError } from "mobilenets";
import { columnsOf, LABEL, PATH, type Part } from "./csv-header.ts";
import { type FileDataset, fileDataset, type LabelledFile } from "./file-dataset.ts";

/** A line of a list. */
interface Entry {
  readonly path: string;
  readonly labels: readonly string[];
  readonly part?: Part;
}

/**
 * Reads a list of pictures and labels. Paths are relative to the list's folder.
 *
 * - `.csv` (RFC 4180) with commas, semicolons, tabs or bars, `.tsv`: a path, then any number of labels, one per column.
 *   Empty labels do not count. A first line of column names (`path`, `image`, `filename`, ...) is a header. It names
 *   the columns of paths and labels, or has a column of 0 and 1 per class.
 * - `.jsonl`: one object per line, `{"path": "a.jpg", "label": "cat"}` or `{"path": "a.jpg", "labels": ["cat"]}`. The
 *   keys can have the names of columns.
 *
 * @param classes all classes, if already known; default: the labels in the list, sorted by code unit
 * @param part rows to take, from a list with a column for the part
 * @throws OptionError if the list cannot be read, a line is malformed, or a label is not among `classes`
 */
export async function labelList(list: string, classes?: readonly string[], part?: Part): Promise<FileDataset> {
  const entries = (await entriesOf(list)).filter((entry) => part === undefined || entry.part === part);
  const folder = dirname(list);
  const files = entries.map(({ path, labels }): LabelledFile => {
    return { id: path.replaceAll("\\", "/"), path: resolve(folder, fileOf(path)), classes: [...new Set(labels)] };
  });
  return fileDataset(files, list, classes);
}

/** The parts in a list's column for them. Empty for a folder, or a list without the column. */
export async function partsOfList(list: string): Promise<ReadonlySet<Part>> {
  if (!(extname(list).toLowerCase() in readers)) return new Set();
  return new Set((await entriesOf(list)).flatMap(({ part }) => part ?? []));
}

/** Converts the path of a list, which can have backslashes, or be a file URL. */
function fileOf(path: string): string {
  if (path.startsWith("file://")) return fileURLToPath(path);
  return sep === "/" && !path.includes("/") ? path.replaceAll("\\", "/") : path;
}

async function entriesOf(list: string): Promise<readonly Entry[]> {
  const read = readers[extname(list).toLowerCase()];
  if (!read) {
    throw new OptionError({
      where: list,
      found: "a list of unknown kind",
      expected: Object.keys(readers).join(" or "),
    });
  }
  const bytes = await readFile(list).catch((error: NodeJS.ErrnoException) => {
    const found = error.code === "ENOENT" ? "no such file" : error.message;
    throw new OptionError({ where: list, found }, { cause: error });
  });
  const entries = read(textOf(bytes, list), list);
  if (entries.length === 0) throw new OptionError({ where: list, found: "no pictures", expected: "one a line" });
  return entries;
}

/** Decodes UTF-8, or UTF-16 with a byte order mark, which spreadsheets write. */
function textOf(bytes: Uint8Array, where: string): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new OptionError(
      { where, found: `a text that is not ${encoding.toUpperCase()}`, hint: "save it as UTF-8" },
      { cause },
    );
  }
}

const readers: Record<string, (text: string, where: string) => Entry[]> = {
  ".csv": readCsv,
  ".tsv": readCsv,
  ".jsonl": readJsonl,
};

/** Lines before the header: a comment, or the delimiter for a spreadsheet. */
const PREAMBLE = /^(#[^\n]*|sep=.)\r?\n/i;

function readCsv(whole: string, where: string): Entry[] {
  let text = whole;
  let said: string | undefined;
  let before = 0;
  for (let line = PREAMBLE.exec(text); line; line = PREAMBLE.exec(text)) {
    said = /^sep=(.)/i.exec(line[0])?.[1] ?? said;
    text = text.slice(line[0].length);
    before++;
  }
  let rows: { record: string[]; info: { lines: number } }[];
  try {
    const parsed: unknown = parse(text, {
      info: true,
      delimiter: said ?? delimiterOf(text),
      // A file with single quotes starts with one.
      quote: text.startsWith("'") ? "'" : '"',
      relaxColumnCount: true,
      skipEmptyLines: true,
      trim: true,
    });
    // The package's types lack `info`.
    rows = parsed as typeof rows;
  } catch (error) {
    throw new OptionError({ where, found: `not CSV (${(error as Error).message})` }, { cause: error });
  }
  const columns = columnsOf(rows, where);
  return rows.map(({ record, info }) => {
    const path = record[columns.path];
    if (!path) throw malformed(where, info.lines + before, "no path");
    const labels = columns.labelsOf(record).filter((label) => label !== "");
    return { path, labels, part: columns.partOf?.(record) };
  });
}

/** Finds the delimiter in the first line. Spreadsheets write semicolons where a comma is the decimal point. */
function delimiterOf(text: string): string {
  const unquoted = text
    .trimStart()
    .split(/\r?\n/, 1)[0]!
    .replace(/"[^"]*"/g, "");
  if (unquoted.includes("\t")) return "\t";
  if (unquoted.includes("|") && !/[,;]/.test(unquoted)) return "|";
  return unquoted.includes(";") && !unquoted.includes(",") ? ";" : ",";
}

function readJsonl(text: string, where: string): Entry[] {
  const entries: Entry[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    let value: Record<string, unknown> | null;
    try {
      value = JSON.parse(line);
    } catch {
      throw malformed(where, i + 1, "not JSON");
    }
    const path = valueAt(value, "path", PATH);
    const label = valueAt(value, "labels", LABEL);
    if (typeof path !== "string" || path === "") throw malformed(where, i + 1, "no path");
    const labels = Array.isArray(label) ? label : isLabel(label) && value?.labels === undefined ? [label] : undefined;
    if (!labels?.every(isLabel)) throw malformed(where, i + 1, "no label or labels");
    entries.push({ path, labels: labels.map(String) });
  }
  return entries;
}

/** The object's value at the key, or at the first key that matches the pattern. */
function valueAt(value: Record<string, unknown> | null, key: string, pattern: RegExp): unknown {
  if (value === null || typeof value !== "object") return undefined;
  return value[key] ?? value[Object.keys(value).find((name) => pattern.test(name)) ?? key];
}

function isLabel(value: unknown): value is string | number {
  return typeof value === "number" || (typeof value === "string" && value !== "");
}

function malformed(where: string, line: number, found: string): OptionError {
  return new OptionError({
    where: `${where}, line ${line}`,
    found,
    expected: where.endsWith("csv") ? "path,label" : '{"path": "a.jpg", "label": "cat"}',
  });
}
