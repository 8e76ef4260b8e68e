import { isPixels } from "mobilenets/store";
import sharp from "sharp";
import { throwMachineFailure } from "../pictures/machine-error.ts";
import { readFile } from "../pictures/read-file.ts";

/**
 * A small copy of a picture file as a data URL, upright and whole.
 * @param pixels its longer side at most
 * @returns undefined for a picture that cannot be read any more
 * @throws MachineError for what is not the file's fault
 */
export async function thumbnail(path: string, pixels: number, read = readFile): Promise<string | undefined> {
  const options = { fit: "inside", withoutEnlargement: true } as const;
  try {
    const bytes = await read(path, MOST_BYTES);
    // The decoder opens more than pictures.
    if (!isPixels(bytes)) return undefined;
    const small = await sharp(bytes).rotate().resize(pixels, pixels, options).webp({ quality: 75 }).toBuffer();
    return `data:image/webp;base64,${small.toString("base64")}`;
  } catch (error) {
    throwMachineFailure(path, error);
    return undefined;
  }
}

const MOST_BYTES = 256e6;
