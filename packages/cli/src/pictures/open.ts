import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { ImageError, type Picture, toPicture } from "mobilenets";

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
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return bad(path, unreadable(path, error as NodeJS.ErrnoException));
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  try {
    return { path, sha256, picture: await toPicture(bytes) };
  } catch (error) {
    // Bytes have no name: the library's error cannot know which file they are.
    if (error instanceof ImageError) return bad(path, new ImageError({ ...error, where: path }));
    throw error;
  }
}

function unreadable(path: string, error: NodeJS.ErrnoException): ImageError {
  const found = { ENOENT: "no such file", EISDIR: "a folder" }[error.code ?? ""] ?? `cannot be read (${error.message})`;
  return new ImageError({ where: path, found, expected: "a picture's file" }, { cause: error });
}

function bad(path: string, { name, message }: Error): BadPicture {
  return { path, error: { name, message } };
}
