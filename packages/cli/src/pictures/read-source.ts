import type { Limits } from "./limits.ts";
import { readFile } from "./read-file.ts";
import { readStdin, STDIN } from "./read-stdin.ts";
import { isUrl, readUrl } from "./read-url.ts";

/**
 * The bytes an argument stands for: `-` is standard input, `http://` and `https://` are fetched, all else is a path.
 * @throws ReadError if they cannot be had, or exceed the limits
 */
export function readSource(input: string, limits: Limits): Promise<Uint8Array> {
  if (input === STDIN) return readStdin(limits);
  return isUrl(input) ? readUrl(input, limits) : readFile(input, limits.maxBytes);
}
