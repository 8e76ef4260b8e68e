/** Decodes lower-case hexadecimal digits into bytes. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  // Hosts have `Uint8Array.fromHex` from 2025 on. Others take a plain loop, which is fast: a user waits.
  const native = (Uint8Array as { fromHex?: (text: string) => Uint8Array<ArrayBuffer> }).fromHex;
  if (native) return native.call(Uint8Array, hex);
  const digits = new TextEncoder().encode(hex);
  const bytes = new Uint8Array(digits.length / 2);
  // The lowest four bits of "0" to "9" are their value. Those of "a" to "f", whose codes are above 64, are 9 less.
  for (let i = 0, j = 0; i < bytes.length; i++, j += 2) {
    bytes[i] = (((digits[j] & 15) + 9 * (digits[j] >> 6)) << 4) | ((digits[j + 1] & 15) + 9 * (digits[j + 1] >> 6));
  }
  return bytes;
}
