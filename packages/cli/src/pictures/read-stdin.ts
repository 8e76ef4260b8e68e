import { OptionError } from "mobilenets";
import { collect } from "./collect.ts";
import type { Limits } from "./limits.ts";
import type { Share } from "./memory-budget.ts";

/** Standard input as a source of a picture. */

/** The argument for standard input. */
export const STDIN = "-";

/** @throws ReadError for more bytes than the limit */
export async function readStdin({ maxBytes }: Limits, share: Share): Promise<Uint8Array> {
  try {
    return await collect(process.stdin, STDIN, maxBytes, { onChunk: (bytes) => share.grow(bytes) });
  } finally {
    // A program that still writes must not keep this process alive.
    process.stdin.destroy();
  }
}

/**
 * Checks before reading that standard input can be read.
 * @throws OptionError if it is a terminal, or named more than once
 */
export function checkStdin(inputs: readonly string[]): void {
  const times = inputs.filter((input) => input === STDIN).length;
  if (times > 1) {
    throw new OptionError({
      where: STDIN,
      found: `${times} times`,
      expected: "once: standard input holds one picture",
    });
  }
  if (times === 1 && process.stdin.isTTY) {
    throw new OptionError({
      where: STDIN,
      found: "a terminal on standard input",
      expected: "a picture: < photo.jpg, or from a pipe",
    });
  }
}
