import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { ImageError, type Picture, ReadError, toPicture } from "mobilenets";
import { readBytes } from "mobilenets/weights";

export interface OpenedPicture {
  readonly path: string;
  /** Of the file's bytes, hexadecimal. */
  readonly sha256: string;
  readonly picture: Picture;
}

/** A file that gives no picture; the others are not held up by it. */
export interface BadPicture {
  readonly path: string;
  readonly error: { readonly name: string; readonly message: string };
}

export function isBad(item: object): item is BadPicture {
  return "error" in item;
}

/** Reads and decodes a file. Rejects only for what is not the file's fault, e.g. that no decoder is installed. */
export async function openPicture(path: string): Promise<OpenedPicture | BadPicture> {
  try {
    // Absolute, so that no name is taken for a URL.
    const bytes = await readBytes(resolve(path));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { path, sha256, picture: await toPicture(bytes) };
  } catch (error) {
    if (!(error instanceof ImageError || error instanceof ReadError)) throw error;
    // The library cannot know what the user calls the file.
    const { name, message } = new ImageError({ ...error, where: path });
    return { path, error: { name, message } };
  }
}
