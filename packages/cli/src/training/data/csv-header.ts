import { OptionError } from "mobilenets";
import { isPictureName } from "../../pictures/other-formats.ts";

interface Row {
  readonly record: readonly string[];
}

/** Where a list has what. */
export interface Columns {
  /** The column of the paths, from 0. */
  readonly path: number;
  /** Labels of a whole row. */
  labelsOf(record: readonly string[]): string[];
}

/** What the column of paths is called in lists of pictures: Kaggle's, Roboflow's, AutoML's and people's own. */
const PATH =
  /^((image|img|picture|photo|pic|file|frame|sample)s?[ _]?(path|name|id|file|filename|url|uri)?|f(ile)?name|((abs|rel|relative|absolute|full)[ _]?)?(file)?paths?|uri|url|id)$/i;
/** What the column of classes is called. */
const LABEL =
  /^((label|class|category|target|tag|species|breed|annotation)(e?s)?[ _]?(name|names|id|ids|idx|index|num|number|text|str|code)?|categories|classname|ground[ _]?truth|gt|y)$/i;
/** Labels in several columns: `label1`, `label_2`. */
const NUMBERED = /^(labels?|class|tags?)[ _]?\d+$/i;
const FLAG = /^((0|1)(\.0+)?|true|false)$/i;

/**
 * Takes the header off a list and says where its rows have what. Without a header the first cell is the path, every cell
 * after it a label. With one, the columns named for labels are labels: of `class_id` and `class_name` the name, of
 * `label1` and `label2` both. A header that names no such column names the classes: each row has a 0 or 1 in every
 * class's column.
 * @throws OptionError for a header that says neither
 */
export function columnsOf(rows: Row[], where: string): Columns {
  const [first, ...rest] = rows;
  const header = first?.record ?? [];
  const path = first && pathColumn(header, rest);
  if (path === undefined) return { path: 0, labelsOf: (record) => record.slice(1) };
  rows.shift();
  const named = labelColumns(header, path);
  // Cells beyond the header's are more labels.
  const beyond = (record: readonly string[]) => record.slice(header.length);
  if (named.length > 0) {
    return { path, labelsOf: (record) => [...named.map((column) => record[column] ?? ""), ...beyond(record)] };
  }
  const classes = header.flatMap((name, column) => (column === path || name === "" ? [] : [column]));
  if (classes.length === 0) return { path, labelsOf: beyond };
  if (rest.every(({ record }) => classes.every((column) => FLAG.test(record[column] ?? "")))) {
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
 * The column of the paths under a header; undefined if the first line is no header. It is one if a cell of it is named as
 * headers name a file, or if a column has names of pictures in all lines but the first.
 */
function pathColumn(header: readonly string[], rest: readonly Row[]): number | undefined {
  if (header.some(isPictureName)) return undefined;
  const pictures = header.findIndex(
    (_, column) => rest.length > 0 && rest.every(({ record }) => isPictureName(record[column] ?? "")),
  );
  if (pictures >= 0 && (header.length > 1 || header[pictures] !== "")) return pictures;
  if (PATH.test(header[0] ?? "")) return 0;
  // A label may be called "photo": elsewhere a column of labels has to be there as well.
  const named = header.findIndex((name) => PATH.test(name));
  return named > 0 && header.some((name) => LABEL.test(name)) ? named : undefined;
}

function labelColumns(header: readonly string[], path: number): readonly number[] {
  const columns = [...header.keys()].filter((column) => column !== path);
  const numbered = columns.filter((column) => NUMBERED.test(header[column]!));
  if (numbered.length > 0) return numbered;
  const named = columns.filter((column) => LABEL.test(header[column]!));
  // One class by several names, of which people know the words.
  const rank = (column: number) =>
    /name|text/i.test(header[column]!) ? 0 : /id|idx|index|num|code/i.test(header[column]!) ? 2 : 1;
  const best = Math.min(...named.map(rank));
  return named.filter((column) => rank(column) === best).slice(0, 1);
}
