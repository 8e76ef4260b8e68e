import { diagnostic, result } from "../output.ts";
import { printable } from "../printable.ts";
import { grouped } from "../table.ts";
import { writeAtomic } from "../write-atomic.ts";
import { contactSheet, MOST_PICTURES, type SheetRows } from "./sheet.ts";

/**
 * Writes the page, and prints a line about it.
 * @param ask hint for a full page
 * @throws Interrupted if the user has stopped the work
 */
export async function writeSheet(
  file: string,
  sheet: SheetRows,
  summary: string,
  { json, ask, signal }: { readonly json: boolean; readonly ask: string; readonly signal: AbortSignal },
): Promise<void> {
  const { page, pictures, missing } = await contactSheet(sheet, summary, signal);
  await writeAtomic(file, page);
  if (missing > 0) {
    const hint = "relative paths count from the folder that `extract` ran in";
    diagnostic(
      `${grouped(missing)} of ${grouped(pictures)} pictures could not be read, the page has their paths: ${hint}`,
    );
  }
  const count = sheet.rows.length;
  const line = `${printable(file)}: ${count === 1 ? "1 picture" : `${grouped(count)} pictures`} and those most alike`;
  const full = sheet.isFull ? `; a page holds ${grouped(MOST_PICTURES)}, ${ask}` : "";
  // With `--json`, stdout is for machines and this line is for the user.
  if (json) diagnostic(line + full);
  else await result(line + full);
}
