import { OptionError } from "mobilenets";
import type { VectorFolder } from "./vectors.ts";
import { parseConditions } from "./where.ts";

/**
 * Finds the rows that meet all `--where` conditions: a 1 for each. Undefined without conditions.
 * @throws OptionError with the existing columns, if no row meets them
 */
export async function allowedRows(
  folder: VectorFolder,
  where: readonly string[] = [],
): Promise<Uint8Array | undefined> {
  const condition = parseConditions(where);
  if (!condition) return undefined;
  const allowed = new Uint8Array(folder.paths.length);
  const columns = new Set<string>();
  let row = 0;
  let any = false;
  for await (const values of folder.columns()) {
    // The first rows are enough to tell the columns.
    if (row < 100) for (const name of Object.keys(values)) columns.add(name);
    if (condition(values)) {
      allowed[row] = 1;
      any = true;
    }
    row++;
  }
  if (any) return allowed;
  throw new OptionError({
    where: "--where",
    found: `no row with ${where.join(" and ")}`,
    expected: "a condition that some rows fulfil",
    hint: `the columns are ${[...columns].join(", ")}`,
  });
}
