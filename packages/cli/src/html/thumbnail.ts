import { resolve } from "node:path";
import sharp from "sharp";

/**
 * A small copy of a picture file as a data URL, upright and whole.
 * @param pixels its longer side at most
 * @returns undefined for a picture that cannot be read any more
 */
export async function thumbnail(path: string, pixels: number): Promise<string | undefined> {
  const options = { fit: "inside", withoutEnlargement: true } as const;
  // Absolute, so that an empty name is no stream.
  const small = sharp(resolve(path)).rotate().resize(pixels, pixels, options).webp({ quality: 75 });
  const bytes = await small.toBuffer().catch(() => undefined);
  return bytes && `data:image/webp;base64,${bytes.toString("base64")}`;
}
