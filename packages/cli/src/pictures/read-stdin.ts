import { OptionError } from "mobilenets";
import { collect } from "./collect.ts";
import type { Limits } from "./limits.ts";
import type { Share } from "./memory-budget.ts";

/** The argument that stands for standard input. */
export const STDIN = "-";

/** @throws ReadError if it does not end within the limit */
export async function readStdin({ maxBytes }: Limits, share: Share): Promise<Uint8Array> {
  try {
    return await collect(process.stdin, STDIN, maxBytes, { onChunk: (bytes) => share.grow(bytes) });
  } finally {
    // A program that still writes to it does not keep this process from ending.
    process.stdin.destroy();
  }
}

/**
 * Whether standard input can be read, as far as can be told before.
 * @throws OptionError if it is a terminal, or named twice
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
