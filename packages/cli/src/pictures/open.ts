import { createHash } from "node:crypto";
import { ImageError, type Picture, ReadError, toPicture } from "mobilenets";
import { type Limits, limitsOf } from "./limits.ts";
import { readSource } from "./read-source.ts";

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

/**
 * Reads and decodes a file, a URL, or, as `-`, standard input. Rejects only for what is not the file's fault, e.g. that
 * no decoder is installed.
 */
export async function openPicture(path: string, limits: Limits = limitsOf()): Promise<OpenedPicture | BadPicture> {
  try {
    const bytes = await readSource(path, limits);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { path, sha256, picture: await toPicture(bytes) };
  } catch (error) {
    if (!(error instanceof ImageError || error instanceof ReadError)) throw error;
    // The library cannot know what the user calls the file.
    const { name, message } = new ImageError({ ...error, where: path });
    return { path, error: { name, message } };
  }
}
