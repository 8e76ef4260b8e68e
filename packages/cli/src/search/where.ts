import { OptionError } from "mobilenets";
import picomatch from "picomatch";

/** The columns of a row for `--where`: its path, and its other metadata. */
export type Columns = Readonly<Record<string, unknown>>;

/** A condition on one column. */
export interface Condition {
  /** Name of the column. */
  readonly key: string;
  /** True if the row has the column. */
  has(row: Columns): boolean;
  /** True for an allowed row. */
  accepts(row: Columns): boolean;
}

const OPERATORS = ["!=", ">=", "<=", "=", ">", "<"] as const;

export const WHERE_HELP = "key=value, !=, >, >=, < or <=; path globs such as path=cats/**";

/**
 * Parses a condition of `--where`: `path=GLOB`, `label=cat`, `width>=800`. The values of = and != are globs for text,
 * in which `**` crosses folders, and numbers for numbers. One item of a list must match, such as of labels. A row
 * without the column matches only !=.
 * @throws OptionError for an invalid condition
 */
export function parseCondition(text: string): Condition {
  const at = text.search(/[!<>]?=|[<>]/);
  const operator = at > 0 ? OPERATORS.find((one) => text.startsWith(one, at)) : undefined;
  const key = text.slice(0, Math.max(0, at)).trim();
  const value = text.slice(at + (operator?.length ?? 0)).trim();
  if (operator === undefined || key === "" || value === "") {
    throw new OptionError({
      where: "--where",
      found: JSON.stringify(text),
      expected: WHERE_HELP,
      hint: "--where 'label=cat' --where 'width>=800' asks for both",
    });
  }
  if (operator === "=" || operator === "!=") {
    const fits = equals(value);
    return conditionOf(key, (values) => values.some(fits) === (operator === "="));
  }
  const limit = Number(value);
  if (!Number.isFinite(limit)) {
    throw new OptionError({ where: "--where", found: JSON.stringify(text), expected: `a number after ${operator}` });
  }
  const compare = { ">": (x: number) => x > limit, ">=": (x: number) => x >= limit, "<": (x: number) => x < limit };
  const fits = operator === "<=" ? (x: number) => x <= limit : compare[operator];
  return conditionOf(key, (values) => values.some((one) => typeof one === "number" && fits(one)));
}

function conditionOf(key: string, accepts: (values: readonly unknown[]) => boolean): Condition {
  return {
    key,
    has: (row) => valuesOf(row, key).length > 0,
    accepts: (row) => accepts(valuesOf(row, key)),
  };
}

function equals(value: string): (one: unknown) => boolean {
  // Names with a leading dot match. A value also matches itself, as a name may contain brackets.
  const matches = picomatch(value, { dot: true });
  const number = Number(value);
  return (one) => (typeof one === "number" ? one === number : one === value || matches(String(one)));
}

/** The values of a column. `a.b` reads inside an object. An object in a list stands for its label. */
function valuesOf(row: Columns, key: string): unknown[] {
  let value: unknown = row;
  // A column's own name may have a dot.
  if (Object.hasOwn(row, key)) value = row[key];
  else
    for (const part of key.split(".")) value = isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  const items = Array.isArray(value) ? value : [value];
  return items
    .map((item) => (isObject(item) ? item.label : item))
    .filter((item) => item !== undefined && item !== null);
}

function isObject(value: unknown): value is Columns {
  return typeof value === "object" && value !== null;
}
