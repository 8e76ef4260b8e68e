import sharp from "sharp";

/**
 * Bytes of an encoded picture's pixels once it is decoded, as its header tells: 3 a pixel.
 * @param maxPixels that the decoder will take
 * @returns 0 for what has no readable header or more pixels than that: decoding fails, in its own words
 */
export async function decodedBytes(bytes: Uint8Array, maxPixels: number): Promise<number> {
  try {
    // For no bytes at all, sharp throws before it makes a promise.
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return width * height > maxPixels ? 0 : 3 * width * height;
  } catch {
    return 0;
  }
}
