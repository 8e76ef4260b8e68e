import { stat } from "node:fs/promises";
import type { Limits } from "./limits.ts";
import type { Share } from "./memory-budget.ts";
import { readFile } from "./read-file.ts";
import { readStdin, STDIN } from "./read-stdin.ts";
import { isUrl, readUrl } from "./read-url.ts";

/** Reads the bytes of an argument, with a limit for open files. */

/** Most files open at a time. Systems allow some hundred. */
const OPEN_FILES = 16;
let open = 0;
const waiting: (() => void)[] = [];

/**
 * Reads the bytes of an argument: standard input for `-`, an `http://` or `https://` URL, or a path.
 * @param share grows by the number of bytes
 * @throws ReadError if they cannot be read, or exceed the limits
 */
export function readSource(input: string, limits: Limits, share: Share): Promise<Uint8Array> {
  if (input === STDIN) return readStdin(limits, share);
  return isUrl(input) ? readUrl(input, limits, share) : readOneOfMany(input, limits, share);
}

async function readOneOfMany(path: string, { maxBytes }: Limits, share: Share): Promise<Uint8Array> {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  const expected = size <= maxBytes ? size : 0;
  await share.grow(expected);
  if (open === OPEN_FILES) await new Promise<void>((resolve) => waiting.push(resolve));
  open++;
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path, maxBytes);
  } finally {
    open--;
    waiting.shift()?.();
  }
  // The file may have changed meanwhile.
  await share.grow(bytes.length - expected);
  return bytes;
}
