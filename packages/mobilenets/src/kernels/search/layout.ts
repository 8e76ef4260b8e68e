/**
 * Numbers that a row is padded to, with zeros: the kernels take so many at a time. Rows are side by side, so a row of
 * `n` padded numbers has `n` bytes as int8, `2 n` as float16 and `4 n` as float32.
 */
export const ROW_GRAIN = 16;

/** Rows of unit length are stored as float16 times this, so that no number that matters is subnormal. */
export const FLOAT16_SCALE = 256;

/** float16 bits, shifted into float32's place, are 2^-112 of their number: the query takes that back. */
export const FLOAT16_QUERY_SCALE = 2 ** 112 / FLOAT16_SCALE;
