import { bmpSize, formatOf } from "mobilenets/store";
import sharp from "sharp";

/**
 * Bytes of an encoded picture's pixels once it is decoded, as its header tells: 3 a pixel, and for HEIC what its decoder takes.
 * @param maxPixels that the decoder will take
 * @returns 0 for what has no readable header or more pixels than that: decoding fails, in its own words
 */
export async function decodedBytes(bytes: Uint8Array, maxPixels: number): Promise<number> {
  try {
    const format = formatOf(bytes);
    // For no bytes at all, sharp throws before it makes a promise.
    const size = format === "bmp" ? bmpSize(bytes) : await sharp(bytes, { limitInputPixels: false }).metadata();
    const { width, height } = size;
    // HEIC's decoder has RGBA and its own planes beside our three bytes.
    const each = format === "heic" ? 12 : 3;
    return width * height > maxPixels ? 0 : each * width * height;
  } catch {
    return 0;
  }
}
