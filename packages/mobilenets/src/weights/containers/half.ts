/**
 * Widens the 16-bit floating-point formats of weight files to float32. Every value stays exact: both formats are subsets
 * of float32. (Supported hosts may lack JavaScript's `Float16Array`.)
 */

/** Widens bit patterns of IEEE 754 binary16: 1 sign bit, 5 of exponent (bias 15), 10 of fraction. */
export function widenFloat16(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < halves.length; i++) {
    const negative = halves[i] & 0x8000;
    const magnitude = halves[i] & 0x7fff;
    if (magnitude < 0x0400) {
      // Zero or subnormal: the fraction counts steps of 2^-24.
      values[i] = (negative ? -magnitude : magnitude) * 2 ** -24;
    } else {
      // Rebase the exponent from 15 to 127; an exponent of all ones (infinity, NaN) stays all ones.
      const rebase = magnitude < 0x7c00 ? 127 - 15 : 255 - 31;
      bits[i] = (negative << 16) | ((magnitude << 13) + (rebase << 23));
    }
  }
  return values;
}

/** Widens bit patterns of bfloat16, the upper half of a float32. */
export function widenBfloat16(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i] << 16;
  return values;
}
