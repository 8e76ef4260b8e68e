import { readFile } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { OptionError } from "mobilenets";
import { columnsOf } from "./csv-header.ts";
import { type FileDataset, fileDataset, type LabelledFile } from "./file-dataset.ts";

/** A line of a list. */
interface Entry {
  readonly path: string;
  readonly labels: readonly string[];
}

/**
 * Pictures listed in a file, with their labels. Paths are relative to the list's folder.
 *
 * - `.csv` (RFC 4180) with commas, semicolons or tabs, `.tsv`: a path, then labels, one a column, as many as there are;
 *   empty ones do not count. A first line of column names (`path`, `image`, `filename`, ...) is a header: it says which
 *   columns hold paths and labels, or that each class has a column of 0 and 1.
 * - `.jsonl`: an object a line, `{"path": "a.jpg", "label": "cat"}` or `{"path": "a.jpg", "labels": ["cat", "pet"]}`.
 *
 * @param classes all there are, if they are settled already; else the labels in the list, sorted by code unit
 * @throws OptionError if the list cannot be read, a line is malformed, or a label is not among `classes`
 */
export async function labelList(list: string, classes?: readonly string[]): Promise<FileDataset> {
  const read = readers[extname(list).toLowerCase()];
  if (!read) {
    throw new OptionError({
      where: list,
      found: "a list of unknown kind",
      expected: Object.keys(readers).join(" or "),
    });
  }
  const text = await readFile(list, "utf8").catch((error: NodeJS.ErrnoException) => {
    const found = error.code === "ENOENT" ? "no such file" : error.message;
    throw new OptionError({ where: list, found }, { cause: error });
  });
  const entries = read(text.replace(/^\ufeff/, ""), list);
  if (entries.length === 0) throw new OptionError({ where: list, found: "no pictures", expected: "one a line" });
  const folder = dirname(list);
  const files = entries.map(({ path, labels }): LabelledFile => {
    return { id: path.replaceAll("\\", "/"), path: resolve(folder, path), classes: [...new Set(labels)] };
  });
  return fileDataset(files, list, classes);
}

const readers: Record<string, (text: string, where: string) => Entry[]> = {
  ".csv": readCsv,
  ".tsv": readCsv,
  ".jsonl": readJsonl,
};

function readCsv(text: string, where: string): Entry[] {
  let rows: { record: string[]; info: { lines: number } }[];
  try {
    const parsed: unknown = parse(text, {
      info: true,
      delimiter: delimiterOf(text),
      relaxColumnCount: true,
      skipEmptyLines: true,
      trim: true,
    });
    // The package's types do not know of `info`.
    rows = parsed as typeof rows;
  } catch (error) {
    throw new OptionError({ where, found: `not CSV (${(error as Error).message})` }, { cause: error });
  }
  const columns = columnsOf(rows, where);
  return rows.map(({ record, info }) => {
    const path = record[columns.path];
    if (!path) throw malformed(where, info.lines, "no path");
    return { path, labels: columns.labelsOf(record).filter((label) => label !== "") };
  });
}

/** Tabs and semicolons (as spreadsheets write where a comma is the decimal point) stand in no path or label of a first line. */
function delimiterOf(text: string): string {
  const unquoted = text
    .trimStart()
    .split(/\r?\n/, 1)[0]!
    .replace(/"[^"]*"/g, "");
  if (unquoted.includes("\t")) return "\t";
  return unquoted.includes(";") && !unquoted.includes(",") ? ";" : ",";
}

function readJsonl(text: string, where: string): Entry[] {
  const entries: Entry[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    let value: { path?: unknown; label?: unknown; labels?: unknown } | null;
    try {
      value = JSON.parse(line);
    } catch {
      throw malformed(where, i + 1, "not JSON");
    }
    const { path, label, labels = label === undefined ? undefined : [label] } = value ?? {};
    if (typeof path !== "string" || path === "") throw malformed(where, i + 1, "no path");
    if (!Array.isArray(labels) || !labels.every(isLabel)) throw malformed(where, i + 1, "no label or labels");
    entries.push({ path, labels: labels.map(String) });
  }
  return entries;
}

function isLabel(value: unknown): boolean {
  return typeof value === "number" || (typeof value === "string" && value !== "");
}

function malformed(where: string, line: number, found: string): OptionError {
  return new OptionError({
    where: `${where}, line ${line}`,
    found,
    expected: where.endsWith("csv") ? "path,label" : '{"path": "a.jpg", "label": "cat"}',
  });
}
