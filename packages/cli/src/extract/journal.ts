import type { FileHandle } from "node:fs/promises";
import { OptionError } from "mobilenets";
import { isBad } from "../pictures/open.ts";
import { parseItem } from "./item.ts";
import { linesOf } from "./lines.ts";

/** Progress of an earlier run. */
export interface Progress {
  /** Pictures done: the number of lines of `items.jsonl`, and of leading inputs. */
  readonly items: number;
  /** Pictures with a row. The others failed. */
  readonly rows: number;
  /** Length of the lines. */
  readonly bytes: number;
}

/**
 * Reads `items.jsonl` up to the last valid line: complete, in sequence, and with a row among the `rowsOnDisk`. The rest
 * is left from a crash. The caller cuts it off.
 * @param name of the file, for errors
 * @throws OptionError if the lines are about other pictures than `inputs`, ReadError for a line without an end
 */
export async function readJournal(
  file: FileHandle,
  name: string,
  inputs: readonly string[],
  rowsOnDisk: number,
): Promise<Progress> {
  let items = 0;
  let rows = 0;
  let bytes = 0;
  for await (const { bytes: line, whole } of linesOf(file, name)) {
    const item = whole ? parseItem(line.toString("utf8")) : undefined;
    if (!item || (!isBad(item) && (item.row !== rows || rows >= rowsOnDisk))) break;
    if (item.path !== inputs[items]) throw otherInputs(items, item.path, inputs[items]);
    items++;
    if (!isBad(item)) rows++;
    bytes += line.length + 1;
  }
  return { items, rows, bytes };
}

function otherInputs(index: number, found: string, expected: string | undefined): OptionError {
  return new OptionError({
    where: `items.jsonl, line ${index + 1}`,
    found: `"${found}"`,
    expected: expected === undefined ? `no more than the ${index} pictures given now` : `"${expected}"`,
    hint: "the pictures are not those the run was begun with; --overwrite starts anew, --out elsewhere keeps both",
  });
}
