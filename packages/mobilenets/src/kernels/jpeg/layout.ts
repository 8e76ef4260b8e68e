/** Bits that the first look into a Huffman table takes. */
export const FAST_BITS = 11;

/** An entry of a Huffman table whose extra bits are still to be read. */
export const INCOMPLETE = 0x80;

/** A run that ends a block, longer than any of coefficients. */
export const END_RUN = 96;

/** Bytes of a Huffman table: entries by the first bits, limits and places of longer codes, entries of those. */
export const HUFFMAN = {
  limits: 4 << FAST_BITS,
  entries: (4 << FAST_BITS) + 8 * 17,
  bytes: (4 << FAST_BITS) + 8 * 17 + 4 * 256,
} as const;

/** Places of coefficients in the order of a file, runs beyond the last included; 8 bytes each, place and factor. */
export const PLACES = 64 + END_RUN + 2;

/** What a block of an MCU is decoded by; words of four bytes. */
export const BLOCK = {
  dc: 0,
  ac: 4,
  /** Places and factors of its coefficients. */
  places: 8,
  /** Address of the DC value before. */
  before: 12,
  /** Address of the samples, moved by `step` from MCU to MCU. */
  to: 16,
  stride: 20,
  step: 24,
  /** Samples across and down: 1, 2, 4 or 8. */
  size: 28,
  bytes: 32,
} as const;

/** Fixed addresses: the reader's state, coefficients of a block and two stages of its transform. */
export const AT = {
  bits: 16,
  left: 24,
  next: 28,
  /** Where data end. */
  end: 32,
  /** Where `unstuff` stopped, in the file. */
  marker: 36,
  /** A block's 64 float32, columns after columns, and a place for what is beyond. */
  block: 64,
  half: 384,
  done: 640,
  /** Float32 that transforms multiply by. */
  constants: 896,
  free: 1024,
} as const;

/**
 * Factors of a coefficient in the inverse transforms of 1, 2, 4 and 8 samples (orthonormal, the picture's mean kept where
 * fewer than 8 are made of 8): those that the transforms leave to their caller. 0 where a coefficient is left out.
 */
export function factorOf(size: number, k: number): number {
  const kept = Math.sqrt(size / 8);
  if (k >= size) return 0;
  if (size === 1) return kept;
  if (size === 2) return kept * Math.SQRT1_2;
  const isPlain = size === 4 ? k % 2 === 0 : k % 4 === 0;
  return isPlain ? kept / Math.sqrt(size) : kept;
}
