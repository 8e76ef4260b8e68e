/** Bits of the first lookup in a Huffman table. */
export const FAST_BITS = 11;

/** Flag of a Huffman table's entry whose extra bits are still to be read. */
export const INCOMPLETE = 0x80;

/** The run that ends a block, longer than any run of coefficients. */
export const END_RUN = 96;

/** Offsets in a Huffman table: entries by the first bits, limits and places of longer codes, entries of longer codes. */
export const HUFFMAN = {
  limits: 4 << FAST_BITS,
  entries: (4 << FAST_BITS) + 8 * 17,
  bytes: (4 << FAST_BITS) + 8 * 17 + 4 * 256,
} as const;

/** Number of coefficient places in file order, including runs past the last; each has 8 bytes, place and factor. */
export const PLACES = 64 + END_RUN + 2;

/** Decoding parameters of an MCU's block, in words of four bytes. */
export const BLOCK = {
  dc: 0,
  ac: 4,
  /** Address of the coefficients' places and factors. */
  places: 8,
  /** Address of the previous DC value. */
  before: 12,
  /** Address of the samples, moved by `step` from MCU to MCU. */
  to: 16,
  stride: 20,
  step: 24,
  /** Samples per side: 1, 2, 4 or 8. */
  size: 28,
  bytes: 32,
} as const;

/** Fixed addresses: the reader's state, a block's coefficients and two stages of its transform. */
export const AT = {
  bits: 16,
  left: 24,
  next: 28,
  /** End of the data. */
  end: 32,
  /** Position in the file at which `unstuff` stopped. */
  marker: 36,
  /** A block's 64 float32, column by column, and room for runs past the last. */
  block: 64,
  half: 384,
  done: 640,
  /** Float32 constants of the transforms. */
  constants: 896,
  free: 1024,
} as const;

/**
 * The factor of a coefficient that the inverse transforms of 1, 2, 4 and 8 samples leave to their caller (orthonormal;
 * fewer than 8 samples keep the picture's mean). 0 if the transform leaves the coefficient out.
 */
export function factorOf(size: number, k: number): number {
  const kept = Math.sqrt(size / 8);
  if (k >= size) return 0;
  if (size === 1) return kept;
  if (size === 2) return kept * Math.SQRT1_2;
  const isPlain = size === 4 ? k % 2 === 0 : k % 4 === 0;
  return isPlain ? kept / Math.sqrt(size) : kept;
}
