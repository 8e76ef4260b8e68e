import type { FileHandle } from "node:fs/promises";
import { OptionError } from "mobilenets";
import { isBad } from "../pictures/open.ts";
import { parseItem } from "./item.ts";

/** How far an earlier run came. */
export interface Progress {
  /** Pictures dealt with: the same number of lines of `items.jsonl`, and of inputs from the first on. */
  readonly items: number;
  /** Those of them that have a row; the others failed. */
  readonly rows: number;
  /** Length of their lines. */
  readonly bytes: number;
}

/**
 * Reads `items.jsonl` up to the last line that holds: whole, in sequence, and with its row among the `rowsOnDisk`.
 * What comes after, a crash has left behind, and it is to be cut off.
 * @throws OptionError if the lines are about other pictures than `inputs`
 */
export async function readJournal(file: FileHandle, inputs: readonly string[], rowsOnDisk: number): Promise<Progress> {
  let items = 0;
  let rows = 0;
  let bytes = 0;
  for await (const line of wholeLines(file)) {
    const item = parseItem(line.toString("utf8"));
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

const NEWLINE = "\n".charCodeAt(0);
const CHUNK = 65536;

/** Lines that end in a newline, without it. As bytes: what a crash left need not be UTF-8, and offsets must be exact. */
async function* wholeLines(file: FileHandle): AsyncGenerator<Buffer, void, undefined> {
  let rest = Buffer.alloc(0);
  for (let position = 0; ; ) {
    // Not a stream: leaving one early would close the file.
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    const text = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, start)) {
      yield text.subarray(start, end);
      start = end + 1;
    }
    rest = text.subarray(start);
  }
}
