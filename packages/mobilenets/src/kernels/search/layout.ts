/**
 * Rows are padded with zeros to a multiple of this, the numbers that kernels take at a time. Rows are adjacent: a row of
 * `n` padded numbers has `n` bytes as int8, `2 n` as float16 and `4 n` as float32.
 */
export const ROW_GRAIN = 16;

/** Factor of float16 rows of unit length, so that no significant number is subnormal. */
export const FLOAT16_SCALE = 256;

/** float16 bits, shifted into float32's place, are 2^-112 of their number: this factor of the query compensates. */
export const FLOAT16_QUERY_SCALE = 2 ** 112 / FLOAT16_SCALE;
