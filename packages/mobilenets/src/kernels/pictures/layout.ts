/** Vectors of two numbers after which the channels' means and standard deviations repeat. */
export const PATTERN = 3;

/** Size of the kernels' means and standard deviations in bytes: six float64 each, repeating the channels. */
export const NORMALISATION_BYTES = 2 * PATTERN * 16;

/** Samples that a turn of a kernel writes: whole pixels of three channels, and whole vectors. */
export const GRAIN = 12;

/** Bytes of a pixel of three float64. */
export const WIDE_PIXEL = 24;

/**
 * Weights are integers of 24 bits, but the kernels multiply 16: a weight is `high * 2^15 + low`, and the sums of both
 * halves are combined at the end. The result is exact modulo 2^32, as are Pillow's sums.
 */
export const SPLIT = 15;

/** Taps that `fixed-across` takes in a turn. */
export const ACROSS_TAPS = 4;
/** Rows that `fixed-down` takes in a turn. */
export const DOWN_TAPS = 2;
/** Bytes that `fixed-down` writes in a turn. */
export const DOWN_GRAIN = 16;
