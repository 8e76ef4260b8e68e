import { diagnostic, result } from "../output.ts";
import { printable } from "../printable.ts";
import { grouped } from "../table.ts";
import { writeAtomic } from "../write-atomic.ts";
import { contactSheet, MOST_PICTURES, type SheetRows } from "./sheet.ts";

/**
 * Writes the page and says what is on it.
 * @param ask how the user gets what has no room
 * @throws Interrupted
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
