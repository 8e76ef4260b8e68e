import type { FileHandle } from "node:fs/promises";
import { ReadError } from "mobilenets";
import { grouped } from "../table.ts";

export interface Line {
  /** The line without its newline. Bytes, as a crash may leave invalid UTF-8 and offsets must be exact. */
  readonly bytes: Buffer;
  /** False for a last line without a newline. */
  readonly whole: boolean;
}

const NEWLINE = "\n".charCodeAt(0);
const CHUNK = 65536;
/** Far more than any line needs: a path has a few thousand characters. */
const MOST_BYTES = 1024 * 1024;

/**
 * Lines of a file of any size.
 * @param name of the file, for errors
 * @throws ReadError for a line of more than 1 MB
 */
export async function* linesOf(file: FileHandle, name: string): AsyncGenerator<Line, void, undefined> {
  let rest = Buffer.alloc(0);
  let number = 1;
  for (let position = 0; ; ) {
    // A stream would close the file when the caller stops early.
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    const text = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, start)) {
      yield { bytes: text.subarray(start, end), whole: true };
      start = end + 1;
      number++;
    }
    rest = text.subarray(start);
    if (rest.length <= MOST_BYTES) continue;
    // After a crash of the machine, unwritten data may read as zeros.
    if (rest[0] === 0) break;
    throw tooLong(name, number);
  }
  if (rest.length > 0) yield { bytes: rest, whole: false };
}

function tooLong(name: string, number: number): ReadError {
  return new ReadError({
    where: `${name}, line ${grouped(number)}`,
    found: "a line of more than 1 MB",
    expected: "a picture's path, and its row or error",
    hint: "cut the file off before that line, and `extract` goes on from there; --overwrite begins anew",
  });
}
