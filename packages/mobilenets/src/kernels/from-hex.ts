/** The bytes that a text of hexadecimal digits, in lower case, stands for. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  // Of 2025; elsewhere a plain loop, as a user waits for the first picture.
  const native = (Uint8Array as { fromHex?: (text: string) => Uint8Array<ArrayBuffer> }).fromHex;
  if (native) return native.call(Uint8Array, hex);
  const digits = new TextEncoder().encode(hex);
  const bytes = new Uint8Array(digits.length / 2);
  // "0" to "9" end in their value, "a" to "f", from 64 on, in 9 less than theirs.
  for (let i = 0, j = 0; i < bytes.length; i++, j += 2) {
    bytes[i] = (((digits[j] & 15) + 9 * (digits[j] >> 6)) << 4) | ((digits[j + 1] & 15) + 9 * (digits[j + 1] >> 6));
  }
  return bytes;
}
