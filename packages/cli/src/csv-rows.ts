import { parse } from "csv-parse/sync";
import { OptionError } from "mobilenets";

export interface CsvRow {
  readonly record: string[];
  /** Where it ends, from 1. */
  readonly line: number;
}

/** Lines before a list's first: a remark, and the delimiter that a spreadsheet is told of. */
const PREAMBLE = /^(#[^\n]*|sep=.)\r?\n/i;

/**
 * Rows of a table (RFC 4180) with commas, semicolons, tabs or bars, with the space around cells taken off and empty lines
 * left out.
 * @throws OptionError for what is none
 */
export function csvRows(whole: string, where: string): CsvRow[] {
  let text = whole;
  let said: string | undefined;
  let before = 0;
  for (let line = PREAMBLE.exec(text); line; line = PREAMBLE.exec(text)) {
    said = /^sep=(.)/i.exec(line[0])?.[1] ?? said;
    text = text.slice(line[0].length);
    before++;
  }
  try {
    const parsed: unknown = parse(text, {
      info: true,
      delimiter: said ?? delimiterOf(text),
      // A file that quotes otherwise does so from its first character on.
      quote: text.startsWith("'") ? "'" : '"',
      relaxColumnCount: true,
      skipEmptyLines: true,
      trim: true,
    });
    // The package's types do not know of `info`.
    const rows = parsed as readonly { record: string[]; info: { lines: number } }[];
    return rows.map(({ record, info }) => ({ record, line: info.lines + before }));
  } catch (error) {
    throw new OptionError({ where, found: `not CSV (${(error as Error).message})` }, { cause: error });
  }
}

/** Tabs, bars and semicolons (as spreadsheets write where a comma is the decimal point) stand in no path or label of a first line. */
function delimiterOf(text: string): string {
  const unquoted = text
    .trimStart()
    .split(/\r?\n/, 1)[0]!
    .replace(/"[^"]*"/g, "");
  if (unquoted.includes("\t")) return "\t";
  if (unquoted.includes("|") && !/[,;]/.test(unquoted)) return "|";
  return unquoted.includes(";") && !unquoted.includes(",") ? ";" : ",";
}
