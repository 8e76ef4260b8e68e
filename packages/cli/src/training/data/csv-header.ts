import { OptionError } from "mobilenets";
import { isPictureName } from "../../pictures/other-formats.ts";

interface Row {
  readonly record: readonly string[];
}

/** Meanings of a list's columns. */
export interface Columns {
  /** Index of the path column, from 0. */
  readonly path: number;
  /** Whether one column holds the labels, with a name such as `labels` or `tags`. */
  readonly plural?: boolean;
  /** Reads the labels of a row. */
  labelsOf(record: readonly string[]): string[];
  /** Reads the row's part of the dataset, if there is a column for it. */
  partOf?(record: readonly string[]): Part | undefined;
}

export type Part = "train" | "validation" | "test";

/** Names of the path column, as in lists of Kaggle, Roboflow, AutoML, and others. */
export const PATH =
  /^((image|img|picture|photo|pic|file|frame|sample)s?[ _]?(path|name|id|file|filename|url|uri)?|f(ile)?name|((abs|rel|relative|absolute|full)[ _]?)?(file)?paths?|uri|url|id)$/i;
/** Names of the class column. */
export const LABEL =
  /^((label|class|category|target|tag|species|breed|annotation)(e?s)?[ _]?(name|names|id|ids|idx|index|num|number|text|str|code)?|categories|classname|((ground[ _]?truth|true|image|gt)[ _])?(label|class)(:.*)?|ground[ _]?truth|gt|y)$/i;
/** Names of the column with the part of the dataset. */
const PART = /^((data)?[ _]?(split|subset|set|partition|usage|phase)|is[ _]?(valid|val|validation))$/i;
const PARTS: readonly (readonly [Part, RegExp])[] = [
  ["train", /^(train(ing)?|false|0)$/i],
  ["validation", /^(val|valid(ation|ate)?|dev|eval|true|1)$/i],
  ["test", /^test(ing)?$/i],
];
/** Names of a label column with several labels in a cell. */
const PLURAL = /^(labels|classes|categories|targets|tags|annotations|.*[ _](ids|names|labels|tags))$/i;
/** Names of several label columns: `label1`, `label_2`. */
const NUMBERED = /^(labels?|class|tags?)[ _]?\d+$/i;
const FLAG = /^((0|1)(\.0+)?|true|false)$/i;

/**
 * Removes the header of a list, and finds the columns. Without a header, one column is the path, and the others are
 * labels. With a header, columns with names of labels are labels: of `class_id` and `class_name` only the name, of
 * `label1` and `label2` both. A header without such names has the classes, and each row has a 0 or 1 for every class.
 * @throws OptionError for another header
 */
export function columnsOf(rows: Row[], where: string): Columns {
  const [first, ...rest] = rows;
  const header = first?.record ?? [];
  const path = first && pathColumn(header, rest);
  if (path === undefined) return withoutHeader(rows);
  rows.shift();
  return { ...withHeader(header, path, rest, where), ...partColumn(header, rest) };
}

function partIn(cell: string | undefined): Part | undefined {
  return PARTS.find(([, pattern]) => pattern.test(cell ?? ""))?.[0];
}

/** The column of the part, if every row has a part. */
function partColumn(header: readonly string[], rows: readonly Row[]): Pick<Columns, "partOf"> {
  const column = header.findIndex((name) => PART.test(name));
  if (column < 0 || !rows.every(({ record }) => partIn(record[column]) !== undefined)) return {};
  return { partOf: (record) => partIn(record[column]) };
}

/**
 * Finds the columns without a header. The path is the first column with names of pictures in every row, else the first.
 * The others are labels, except columns before the path that count the rows or, as in Google's AutoML, have the part.
 */
function withoutHeader(rows: readonly Row[]): Columns {
  const columns = [...(rows[0]?.record.keys() ?? [])];
  const all = (column: number, test: (cell: string, row: number) => boolean) =>
    rows.every(({ record }, row) => test(record[column] ?? "", row));
  const path = Math.max(
    columns.findIndex((column) => all(column, isPictureName)),
    0,
  );
  const before = columns.slice(0, path);
  const counts = before.filter((column) => rows.length > 1 && all(column, (cell, row) => isCount(cell, row)));
  const part = before.find((column) => all(column, (cell) => /[a-z]/i.test(cell) && partIn(cell) !== undefined));
  const none = [path, ...counts, ...(part === undefined ? [] : [part])];
  const labelsOf = (record: readonly string[]) => record.filter((_, column) => !none.includes(column));
  return { path, labelsOf, ...(part !== undefined && { partOf: (record: readonly string[]) => partIn(record[part]) }) };
}

/** True for the number of the row, from 0 or from 1. */
const isCount = (cell: string, row: number) => cell === String(row) || cell === String(row + 1);

function withHeader(header: readonly string[], path: number, rest: readonly Row[], where: string): Columns {
  const named = labelColumns(header, path);
  // Cells beyond the header are more labels.
  const beyond = (record: readonly string[]) => record.slice(header.length);
  if (named.length > 0) {
    const plural = named.every((column) => PLURAL.test(header[column]!));
    return { path, plural, labelsOf: (record) => [...named.map((column) => record[column] ?? ""), ...beyond(record)] };
  }
  const isFlag = (column: number) => rest.every(({ record }) => FLAG.test(record[column] ?? ""));
  const classes = header.flatMap((name, column) => {
    const other = column === path || name === "" || PART.test(name) || (PATH.test(name) && !isFlag(column));
    return other ? [] : [column];
  });
  if (classes.length === 0) return { path, labelsOf: beyond };
  if (classes.every(isFlag)) {
    const isSet = (cell: string | undefined) => Number(cell) === 1 || /^true$/i.test(cell ?? "");
    const labelsOf = (record: readonly string[]) =>
      classes.filter((column) => isSet(record[column])).map((column) => header[column]!);
    return { path, labelsOf };
  }
  throw new OptionError({
    where: `${where}, line 1`,
    found: `a header with the columns ${classes.map((column) => JSON.stringify(header[column])).join(", ")}`,
    expected: "one of them called label, or one for each class with 0 and 1 in it",
    hint: "rename the column of the classes to label",
  });
}

/**
 * Finds the path column under a header. Undefined if the first line is no header. It is a header if a cell has a usual
 * name of a path column, or if a column has names of pictures in all lines except the first.
 */
function pathColumn(header: readonly string[], rest: readonly Row[]): number | undefined {
  if (header.some(isPictureName)) return undefined;
  const pictures = header.findIndex(
    (_, column) => rest.length > 0 && rest.every(({ record }) => isPictureName(record[column] ?? "")),
  );
  if (pictures >= 0 && (header.length > 1 || header[pictures] !== "")) return pictures;
  if (PATH.test(header[0] ?? "")) return 0;
  // A label may be "photo", so a path column that is not the first needs a label column too.
  const named = header.findIndex((name) => PATH.test(name));
  return named > 0 && header.some((name) => LABEL.test(name)) ? named : undefined;
}

function labelColumns(header: readonly string[], path: number): readonly number[] {
  const columns = [...header.keys()].filter((column) => column !== path);
  const numbered = columns.filter((column) => NUMBERED.test(header[column]!));
  if (numbered.length > 0) return numbered;
  const named = columns.filter((column) => LABEL.test(header[column]!));
  // Of several columns for one class, a name is better than a number.
  const rank = (column: number) =>
    /name|text/i.test(header[column]!) ? 0 : /id|idx|index|num|code/i.test(header[column]!) ? 2 : 1;
  const best = Math.min(...named.map(rank));
  return named.filter((column) => rank(column) === best).slice(0, 1);
}
