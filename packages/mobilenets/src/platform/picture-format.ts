/** Formats of still pixels that Node decodes, as errors list them. */
export const PICTURE_FORMATS = "JPEG, PNG, WebP, GIF, AVIF or TIFF";

const ascii = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));

/** Brands of AVIF in the box `ftyp` (ISO/IEC 23000-22, 6.2); still pictures and sequences. */
const AVIF = ["avif", "avis", "mif1", "msf1", "miaf", "MA1A", "MA1B"];

const signatures: readonly ((bytes: Uint8Array) => boolean)[] = [
  (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8,
  (bytes) => ascii(bytes, 0, 8) === "\x89PNG\r\n\x1a\n",
  (bytes) => ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP",
  (bytes) => /^GIF8[79]a/.test(ascii(bytes, 0, 6)),
  (bytes) => ascii(bytes, 4, 8) === "ftyp" && AVIF.includes(ascii(bytes, 8, 12)),
  // Little and big endian, 32 and 64 bits.
  (bytes) => /^(II[*+]\0|MM\0[*+])/.test(ascii(bytes, 0, 4)),
];

/**
 * Whether a file holds pixels, by its first bytes, whatever its name. Decoders open more: SVG, PDF and scripts of drawing
 * commands, which are programs that may run for minutes, or name other files.
 */
export function isPixels(bytes: Uint8Array): boolean {
  return signatures.some((matches) => matches(bytes));
}
