import { bmpSize, formatOf } from "mobilenets/store";

/**
 * Reads from a picture's header how many bytes its decoding takes: 3 per pixel, for HEIC 12.
 * @param maxPixels most pixels that the decoder accepts
 * @returns 0 for an unreadable header or more pixels, because decoding then fails
 */
export async function decodedBytes(bytes: Uint8Array, maxPixels: number): Promise<number> {
  try {
    const format = formatOf(bytes);
    const size = format === "bmp" ? bmpSize(bytes) : await sizeOf(bytes);
    const { width, height } = size;
    // The HEIC decoder holds RGBA and its own planes, in addition to our three bytes.
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
