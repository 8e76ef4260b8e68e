import { toPicture } from "mobilenets";
import { formatOf } from "mobilenets/store";
import sharp, { type Sharp } from "sharp";
import { throwMachineFailure } from "../pictures/machine-error.ts";
import { readFile } from "../pictures/read-file.ts";

/**
 * Makes a small upright copy of a picture file, as a data URL.
 * @param pixels most pixels of its longer side
 * @returns undefined for an unreadable picture
 * @throws MachineError for failures that the file does not cause
 */
export async function thumbnail(path: string, pixels: number, read = readFile): Promise<string | undefined> {
  const small = await smallCopy(path, pixels, (image) => image.webp({ quality: 75 }).toBuffer(), read);
  return small && `data:image/webp;base64,${small.toString("base64")}`;
}

/** Like `thumbnail`, but `finish` decides the form of the result. */
export async function smallCopy<T>(
  path: string,
  pixels: number,
  finish: (image: Sharp) => Promise<T>,
  read = readFile,
): Promise<T | undefined> {
  const options = { fit: "inside", withoutEnlargement: true } as const;
  try {
    const bytes = await read(path, MOST_BYTES);
    // The decoder opens other files too.
    const format = formatOf(bytes);
    if (format === undefined) return undefined;
    const image = format === "bmp" || format === "heic" ? await decoded(bytes) : sharp(bytes).rotate();
    return await finish(image.resize(pixels, pixels, options));
  } catch (error) {
    throwMachineFailure(path, error);
    return undefined;
  }
}

const MOST_BYTES = 256e6;

/** Decodes formats that sharp does not. */
async function decoded(bytes: Uint8Array) {
  const { data, width, height, channels } = await toPicture(bytes);
  return sharp(data, { raw: { width, height, channels } });
}
