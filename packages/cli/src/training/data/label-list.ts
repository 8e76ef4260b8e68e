import { readFile } from "node:fs/promises";
import { dirname, extname, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { OptionError } from "mobilenets";
import { csvRows } from "../../csv-rows.ts";
import { textOf } from "../../text-of.ts";
import { columnsOf, LABEL, PATH, type Part } from "./csv-header.ts";
import { type FileDataset, fileDataset, type LabelledFile } from "./file-dataset.ts";
import { checkSingle, type LabelCell } from "./several-labels.ts";

/** A line of a list. */
interface Entry {
  readonly path: string;
  readonly labels: readonly string[];
  readonly part?: Part;
}

/**
 * Reads a list of pictures and labels. Paths are relative to the list's folder. A picture with several lines, as in lists of
 * boxes, is one with the labels of all.
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
  const files = new Map<string, LabelledFile>();
  for (const { path, labels } of entries) {
    const file = resolve(folder, fileOf(path));
    const { id, classes: others } = files.get(file) ?? { id: path.replaceAll("\\", "/"), classes: [] };
    files.set(file, { id, path: file, classes: [...others, ...labels] });
  }
  return fileDataset([...files.values()], list, classes);
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

const readers: Record<string, (text: string, where: string) => Entry[]> = {
  ".csv": readCsv,
  ".tsv": readCsv,
  ".jsonl": readJsonl,
  ".ndjson": readJsonl,
};

/** What pandas and spreadsheets write where there is nothing. */
const MISSING = /^(nan|<na>|#n\/a)$/i;

function missing(where: string, line: number, labels: readonly string[]): OptionError {
  return new OptionError({
    where: `${where}, line ${line}`,
    found: `no label, ${JSON.stringify(labels.find((label) => MISSING.test(label)))}`,
    expected: "a name",
    hint: "leave the line out, or the cell empty if the picture is of none of the classes",
  });
}

function readCsv(text: string, where: string): Entry[] {
  const rows = csvRows(text, where);
  const columns = columnsOf(rows, where);
  const cells: LabelCell[] = [];
  const entries = rows.map(({ record, line }) => {
    const path = record[columns.path];
    if (!path) throw malformed(where, line, "no path");
    const labels = columns.labelsOf(record).flatMap((cell) => cell.trim() || []);
    if (labels.some((label) => MISSING.test(label))) throw missing(where, line, labels);
    for (const label of labels) cells.push({ text: label, line });
    return { path, labels, part: columns.partOf?.(record) };
  });
  checkSingle(cells, where, columns.plural === true);
  return entries;
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
    entries.push({ path, labels: labels.map((one) => String(one).trim()) });
  }
  return entries;
}

/** The object's value at the key, or at the first key that matches the pattern. */
function valueAt(value: Record<string, unknown> | null, key: string, pattern: RegExp): unknown {
  if (value === null || typeof value !== "object") return undefined;
  return value[key] ?? value[Object.keys(value).find((name) => pattern.test(name)) ?? key];
}

function isLabel(value: unknown): value is string | number {
  return typeof value === "number" || (typeof value === "string" && value.trim() !== "");
}

function malformed(where: string, line: number, found: string): OptionError {
  return new OptionError({
    where: `${where}, line ${line}`,
    found,
    expected: where.endsWith("csv") ? "path,label" : '{"path": "a.jpg", "label": "cat"}',
  });
}
