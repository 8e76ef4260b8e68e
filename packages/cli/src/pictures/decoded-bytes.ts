import { bmpSize, formatOf } from "mobilenets/store";

/**
 * Bytes of an encoded picture's pixels once it is decoded, as its header tells: 3 a pixel, and for HEIC what its decoder takes.
 * @param maxPixels that the decoder will take
 * @returns 0 for what has no readable header or more pixels than that: decoding fails, in its own words
 */
export async function decodedBytes(bytes: Uint8Array, maxPixels: number): Promise<number> {
  try {
    const format = formatOf(bytes);
    const size = format === "bmp" ? bmpSize(bytes) : await sizeOf(bytes);
    const { width, height } = size;
    // HEIC's decoder has RGBA and its own planes beside our three bytes.
    const each = format === "heic" ? 12 : 3;
    return width * height > maxPixels ? 0 : each * width * height;
  } catch {
    return 0;
  }
}

async function sizeOf(bytes: Uint8Array) {
  const { default: sharp } = await import("sharp");
  return sharp(bytes, { limitInputPixels: false }).metadata();
}
