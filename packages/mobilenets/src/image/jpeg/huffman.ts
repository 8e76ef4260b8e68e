import { END_RUN, FAST_BITS, HUFFMAN, INCOMPLETE } from "../../kernels/jpeg/layout.ts";
import type { HuffmanTable } from "./parse.ts";

/**
 * Writes a table in the kernel's layout (`kernels/jpeg/layout.ts`). An entry has, from its lowest byte on: bits to consume,
 * zero coefficients before, and the value, or the number of its bits if they are still to be read.
 * @returns false for codes that do not fit their lengths
 */
export function writeHuffman({ counts, symbols }: HuffmanTable, isDc: boolean, words: Int32Array): boolean {
  const [limits, entries] = [HUFFMAN.limits / 4, HUFFMAN.entries / 4];
  words.fill(INCOMPLETE, 0, limits);
  let code = 0;
  let next = 0;
  for (let length = 1; length <= 16; length++) {
    words[limits + 2 * length + 1] = next - code;
    for (let i = 0; i < counts[length - 1]!; i++, next++, code++) {
      const symbol = symbols[next]!;
      // Differences of 8-bit samples have at most 11 bits, coefficients 10.
      if (isDc ? symbol > 11 : (symbol & 15) > 10) return false;
      const size = isDc ? symbol : symbol & 15;
      const run = isDc ? 0 : size === 0 && symbol !== 0xf0 ? END_RUN : symbol >> 4;
      const incomplete = INCOMPLETE | length | (run << 8) | (size << 16);
      words[entries + next] = incomplete;
      if (length <= FAST_BITS) writeFast(words, code, length, run, size, incomplete);
    }
    if (code > 1 << length) return false;
    words[limits + 2 * length] = code << (16 - length);
    code <<= 1;
  }
  return true;
}

/** Fills every entry whose index begins with the code's bits. */
function writeFast(words: Int32Array, code: number, length: number, run: number, size: number, incomplete: number) {
  const rest = FAST_BITS - length;
  const first = code << rest;
  for (let seen = 0; seen < 1 << rest; seen++) {
    if (size > rest) words[first + seen] = incomplete;
    else {
      const extra = seen >> (rest - size);
      const value = size === 0 || extra >> (size - 1) === 1 ? extra : extra - (1 << size) + 1;
      words[first + seen] = (length + size) | (run << 8) | (value << 16);
    }
  }
}
