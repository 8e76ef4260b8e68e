import { parse } from "csv-parse/sync";
import { OptionError } from "mobilenets";

export interface CsvRow {
  readonly record: string[];
  /** Number of its last line, from 1. */
  readonly line: number;
}

/** Lines before the header: a comment, or the delimiter for a spreadsheet. */
const PREAMBLE = /^(#[^\n]*|sep=.)\r?\n/i;

/**
 * Reads CSV (RFC 4180) with commas, semicolons, tabs or bars. Cells are trimmed, and empty lines are skipped.
 * @param where name of the file, for errors
 * @throws OptionError for a text that is not CSV
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
      // A file with single quotes starts with one.
      quote: text.startsWith("'") ? "'" : '"',
      relaxColumnCount: true,
      skipEmptyLines: true,
      trim: true,
    });
    // The package's types lack `info`.
    const rows = parsed as readonly { record: string[]; info: { lines: number } }[];
    return rows.map(({ record, info }) => ({ record, line: info.lines + before }));
  } catch (error) {
    throw new OptionError({ where, found: `not CSV (${(error as Error).message})` }, { cause: error });
  }
}

/** Finds the delimiter in the first line. Spreadsheets write semicolons where a comma is the decimal point. */
function delimiterOf(text: string): string {
  const unquoted = text
    .trimStart()
    .split(/\r?\n/, 1)[0]!
    .replace(/"[^"]*"/g, "");
  if (unquoted.includes("\t")) return "\t";
  if (unquoted.includes("|") && !/[,;]/.test(unquoted)) return "|";
  return unquoted.includes(";") && !unquoted.includes(",") ? ";" : ",";
}
