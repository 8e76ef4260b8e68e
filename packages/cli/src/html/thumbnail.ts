import type { Sharp } from "sharp";
import { throwMachineFailure } from "../pictures/machine-error.ts";
import { openImage } from "../pictures/open-image.ts";
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
  try {
    const image = await openImage(await read(path, MOST_BYTES));
    return image && (await finish(image.resize(pixels, pixels, { fit: "inside", withoutEnlargement: true })));
  } catch (error) {
    throwMachineFailure(path, error);
    return undefined;
  }
}

const MOST_BYTES = 256e6;
