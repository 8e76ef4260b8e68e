/** Picture formats that Node decodes, for error messages. */
export const PICTURE_FORMATS = "JPEG, PNG, WebP, GIF, AVIF, TIFF, BMP, or HEIC with the package heic-decode";

/** A picture's format, as far as it decides the decoder. */
export type PictureFormat = "jpeg" | "tiff" | "bmp" | "heic" | "other";

const ascii = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));

/** Brands of AVIF in the box `ftyp` (ISO/IEC 23000-22, 6.2); still pictures and sequences. */
const AVIF = ["avif", "avis", "mif1", "msf1", "miaf", "MA1A", "MA1B"];

/** Brands of HEIC (ISO/IEC 23008-12, annex B): HEVC in the same boxes. */
const HEIC = ["heic", "heix", "hevc", "hevx", "heim", "heis"];

/** The major brand and the compatible brands of an ISO box file. */
function brandsOf(bytes: Uint8Array): readonly string[] {
  if (ascii(bytes, 4, 8) !== "ftyp") return [];
  const end = Math.min(bytes.length, (bytes[2]! << 8) | bytes[3]!, 256);
  const brands = [ascii(bytes, 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(ascii(bytes, at, at + 4));
  return brands;
}

const signatures: readonly (readonly [format: PictureFormat, (bytes: Uint8Array) => boolean])[] = [
  ["jpeg", (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8],
  ["other", (bytes) => ascii(bytes, 0, 8) === "\x89PNG\r\n\x1a\n"],
  ["other", (bytes) => ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP"],
  ["other", (bytes) => /^GIF8[79]a/.test(ascii(bytes, 0, 6))],
  ["heic", (bytes) => isHeic(brandsOf(bytes))],
  ["other", (bytes) => AVIF.includes(brandsOf(bytes)[0])],
  // Little- and big-endian, 32 and 64 bits.
  ["tiff", (bytes) => /^(II[*+]\0|MM\0[*+])/.test(ascii(bytes, 0, 4))],
  // Many texts begin with these two letters, so the header's size is checked too.
  ["bmp", (bytes) => ascii(bytes, 0, 2) === "BM" && [12, 40, 52, 56, 64, 108, 124].includes(bytes[14]!)],
];

/** `mif1` and `msf1` may have either codec: the other brands decide. */
function isHeic([major, ...others]: readonly string[]): boolean {
  const either = major === "mif1" || major === "msf1";
  return HEIC.includes(major) || (either && others.some((brand) => HEIC.includes(brand)));
}

/**
 * Detects a picture's format by its first bytes, whatever its name; undefined for other files. Decoders open more: SVG,
 * PDF and scripts of drawing commands, which are programs that may run for minutes, or name other files.
 */
export function formatOf(bytes: Uint8Array): PictureFormat | undefined {
  return signatures.find(([, matches]) => matches(bytes))?.[0];
}

/** Whether a JPEG is for print, with four components (CMYK or YCCK), by its frame header. */
export function isPrint(jpeg: Uint8Array): boolean {
  let at = 2;
  while (at + 10 < jpeg.length) {
    const marker = jpeg[at + 1]!;
    // Skips stray bytes between segments, as decoders do, and fill bytes before a marker.
    if (jpeg[at] !== 0xff || marker === 0xff || marker === 0) at++;
    // SOF0 to SOF15, except DHT, JPG and DAC.
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return jpeg[at + 9] === 4;
    else if (marker === START_OF_SCAN) return false;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else at += 2 + ((jpeg[at + 2]! << 8) | jpeg[at + 3]!);
  }
  return false;
}

const START_OF_SCAN = 0xda;
