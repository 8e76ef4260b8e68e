import { OptionError } from "mobilenets";
import { isPictureName } from "../../pictures/other-formats.ts";

interface Row {
  readonly record: readonly string[];
}

/** What the first column is called in lists of pictures: Kaggle's, Roboflow's, AutoML's and people's own. */
const PATH =
  /^(path|paths|file|files|filename|filepath|file[ _](name|path)|image|images|img|picture|photo|image[ _]?(id|name|path|file))$/i;
/** What the column of classes is called. */
const LABEL =
  /^(labels?[ _]?\d*|class|classes|class[ _]?(name|label)|category|categories|target|tags?|species|breed)$/i;
const FLAG = /^(0|1)(\.0+)?$/;

/**
 * Takes the header off a list and says which labels a row has. Without a header every cell after the first is a label;
 * with one, the columns named for labels are. A header that names no such column names the classes: each row has a 0 or
 * 1 in every class's column.
 * @returns labels of the cells after a row's first
 * @throws OptionError for a header that says neither
 */
export function labelsByHeader(rows: Row[], where: string): (cells: readonly string[]) => string[] {
  const [first, ...rest] = rows;
  const [path = "", ...names] = first?.record ?? [];
  if (!first || !isHeader(path, names, rest)) return (cells) => [...cells];
  rows.shift();
  const oneHot = names.length > 0 && rest.every(({ record }) => record.slice(1).every((cell) => FLAG.test(cell)));
  if (oneHot && !names.some((name) => LABEL.test(name))) {
    return (cells) => names.filter((_, i) => Number(cells[i]) === 1);
  }
  if (names.some((name) => LABEL.test(name))) {
    // Cells beyond the header's are more labels.
    return (cells) => cells.filter((_, i) => i >= names.length || LABEL.test(names[i]!));
  }
  if (names.length === 0) return (cells) => [...cells];
  throw new OptionError({
    where: `${where}, line 1`,
    found: `a header with the columns ${names.map((name) => JSON.stringify(name)).join(", ")}`,
    expected: "one of them called label, or one for each class with 0 and 1 in it",
    hint: "rename the column of the classes to label",
  });
}

/** Named as headers name a file; or no picture's name above rows that all have one. */
function isHeader(path: string, names: readonly string[], rest: readonly Row[]): boolean {
  if (PATH.test(path)) return true;
  const others = rest.length > 0 && rest.every(({ record }) => isPictureName(record[0] ?? ""));
  return others && !isPictureName(path) && (names.length > 0 || path !== "");
}
