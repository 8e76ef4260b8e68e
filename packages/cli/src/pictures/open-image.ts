import { toPicture } from "mobilenets";
import { formatOf } from "mobilenets/store";
import sharp, { type Sharp, type SharpOptions } from "sharp";

/**
 * Opens a picture's bytes for sharp, upright. BMP and HEIC, which sharp does not read, are decoded first.
 * @returns undefined for other files than pictures: sharp opens more, such as SVG, which is a program
 * @throws ImageError for a picture that cannot be decoded
 */
export async function openImage(bytes: Uint8Array, options: SharpOptions = {}): Promise<Sharp | undefined> {
  const format = formatOf(bytes);
  if (format === undefined) return undefined;
  if (format !== "bmp" && format !== "heic") return sharp(bytes, options).rotate();
  const limitPixels = typeof options.limitInputPixels === "number" ? options.limitInputPixels : undefined;
  const { data, width, height, channels } = await toPicture(bytes, { limitPixels });
  return sharp(data, { raw: { width, height, channels } });
}
