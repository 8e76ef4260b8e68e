import { toPicture } from "mobilenets";
import { formatOf } from "mobilenets/store";
import sharp, { type Sharp } from "sharp";
import { throwMachineFailure } from "../pictures/machine-error.ts";
import { readFile } from "../pictures/read-file.ts";

/**
 * A small copy of a picture file as a data URL, upright and whole.
 * @param pixels its longer side at most
 * @returns undefined for a picture that cannot be read any more
 * @throws MachineError for what is not the file's fault
 */
export async function thumbnail(path: string, pixels: number, read = readFile): Promise<string | undefined> {
  const small = await smallCopy(path, pixels, (image) => image.webp({ quality: 75 }).toBuffer(), read);
  return small && `data:image/webp;base64,${small.toString("base64")}`;
}

/** As `thumbnail`, in the form that `finish` gives it. */
export async function smallCopy<T>(
  path: string,
  pixels: number,
  finish: (image: Sharp) => Promise<T>,
  read = readFile,
): Promise<T | undefined> {
  const options = { fit: "inside", withoutEnlargement: true } as const;
  try {
    const bytes = await read(path, MOST_BYTES);
    // The decoder opens more than pictures.
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

/** What sharp does not decode. */
async function decoded(bytes: Uint8Array) {
  const { data, width, height, channels } = await toPicture(bytes);
  return sharp(data, { raw: { width, height, channels } });
}
