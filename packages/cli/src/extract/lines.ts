import type { FileHandle } from "node:fs/promises";

export interface Line {
  /** Without the newline. As bytes: what a crash left need not be UTF-8, and offsets must be exact. */
  readonly bytes: Buffer;
  /** False for a last line without a newline. */
  readonly whole: boolean;
}

const NEWLINE = "\n".charCodeAt(0);
const CHUNK = 65536;
/** No line of ours comes near it: a path has some thousand characters. */
const MOST_BYTES = 1024 * 1024;

/** The lines of a file, however large it is. A line of more than 1 MB comes as it is by then, as its last. */
export async function* linesOf(file: FileHandle): AsyncGenerator<Line, void, undefined> {
  let rest = Buffer.alloc(0);
  for (let position = 0; ; ) {
    // Not a stream: leaving one early would close the file.
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, position);
    if (bytesRead === 0 || rest.length > MOST_BYTES) break;
    position += bytesRead;
    const text = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, start)) {
      yield { bytes: text.subarray(start, end), whole: true };
      start = end + 1;
    }
    rest = text.subarray(start);
  }
  if (rest.length > 0) yield { bytes: rest, whole: false };
}
