import { OptionError } from "mobilenets";

/** A label of a list, as one cell holds it. */
export interface LabelCell {
  readonly text: string;
  /** Of the list, from 1. */
  readonly line: number;
}

/** What several labels in a cell look like, and hardly any name: `dog|wet`, `dog;wet`, `['dog', 'wet']`, `16 0`. */
const SEVERAL = /[|;]|^\[.*\]$|^\{.*\}$|^\d+( +\d+)+$/s;
/** Names have these too: `tench, Tinca tinca`. */
const SIGN = /\s*[,/+&]\s*/;

/**
 * Refuses cells that hold several labels, of which one class would be made. Where a name may hold the sign between them,
 * a cell does if each of its parts stands in another cell too; words in a column named in the plural, if they all do.
 *
 * @param plural whether the column is called `labels`, `tags` and the like
 * @throws OptionError for the first of them
 */
export function checkSingle(cells: readonly LabelCell[], list: string, plural: boolean): void {
  const names = new Set(cells.map(({ text }) => text));
  const { some } = recombined(names, SIGN);
  const words = plural ? recombined(names, /\s+/) : undefined;
  const cell = cells.find(({ text }) => SEVERAL.test(text) || some.has(text) || (words?.all && words.some.has(text)));
  if (!cell) return;
  const { text, line } = cell;
  const labels = JSON.stringify(partsOf(text));
  throw new OptionError({
    where: `${list}, line ${line}`,
    found: `a cell with several labels, ${JSON.stringify(text)}`,
    expected: "one label",
    hint:
      `give each a column (label1,label2), or write the list as .jsonl with {"path": ..., "labels": ${labels}}; ` +
      `a class of that name is {"path": ..., "label": ${JSON.stringify(text)}} there`,
  });
}

/** Names whose parts all stand in others as well, and whether all names of several parts are such. */
function recombined(names: ReadonlySet<string>, sign: RegExp): { some: ReadonlySet<string>; all: boolean } {
  const split = [...names].map((name) => ({ name, parts: [...new Set(name.split(sign))] }));
  const counts = new Map<string, number>();
  for (const part of split.flatMap(({ parts }) => parts)) counts.set(part, (counts.get(part) ?? 0) + 1);
  const composed = split.filter(({ parts }) => parts.length > 1);
  const some = composed.filter(({ parts }) => parts.every((part) => part !== "" && counts.get(part)! > 1));
  return { some: new Set(some.map(({ name }) => name)), all: some.length === composed.length };
}

function partsOf(text: string): string[] {
  const bare = text.replace(/[[\]{}'"]/g, "").trim();
  const parts = bare.split(/\s*[|;,/+&]\s*/);
  return (parts.length > 1 ? parts : bare.split(/\s+/)).filter((part) => part !== "");
}
