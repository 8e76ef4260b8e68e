import { OptionError } from "mobilenets";
import { diagnostic } from "../output.ts";
import { printable } from "../printable.ts";
import type { VectorFolder } from "./vectors.ts";
import { type Columns, parseCondition } from "./where.ts";

/**
 * Finds the rows that meet all `--where` conditions: a 1 for each. Undefined without conditions. Warns of columns that
 * no row has: all rows meet `!=` then.
 * @throws OptionError with the existing columns, if no row meets the conditions
 */
export async function allowedRows(
  folder: VectorFolder,
  where: readonly string[] = [],
): Promise<Uint8Array | undefined> {
  if (where.length === 0) return undefined;
  const conditions = where.map(parseCondition);
  const allowed = new Uint8Array(folder.paths.length);
  const columns = new Set<string>();
  const unknown = new Set(conditions);
  let first: Columns = {};
  let row = 0;
  let any = false;
  for await (const values of folder.columns()) {
    if (row === 0) first = values;
    // The first rows are enough to tell the columns.
    if (row < 100) for (const name of Object.keys(values)) columns.add(name);
    for (const condition of unknown) if (condition.has(values)) unknown.delete(condition);
    if (conditions.every((condition) => condition.accepts(values))) {
      allowed[row] = 1;
      any = true;
    }
    row++;
  }
  const known = `the columns are ${printable([...columns].join(", "))}`;
  if (any) {
    for (const { key } of unknown) diagnostic(`warning: --where: no row has the column ${key}: ${known}`);
    return allowed;
  }
  const values = conditions.flatMap(({ key }) => (Object.hasOwn(first, key) ? [`${key}=${shown(first[key])}`] : []));
  throw new OptionError({
    where: "--where",
    found: printable(`no row with ${where.join(" and ")}`),
    expected: "a condition that some rows fulfil",
    hint: values.length > 0 ? `${known}; the first row has ${printable(values.join(", "))}` : known,
  });
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
