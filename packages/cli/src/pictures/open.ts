import { createHash } from "node:crypto";
import { ImageError, type MobileNetsError, type Picture, ReadError } from "mobilenets";
import { decodeBytes } from "./decode-bytes.ts";
import { decodedBytes } from "./decoded-bytes.ts";
import { type Limits, limitsOf } from "./limits.ts";
import { throwMachineFailure } from "./machine-error.ts";
import { MemoryBudget, type Share } from "./memory-budget.ts";
import { readSource } from "./read-source.ts";

/** A decoded picture with the hash of its file. */
export interface OpenedPicture {
  readonly path: string;
  /** Hash of the file, hexadecimal. */
  readonly sha256: string;
  readonly picture: Picture;
}

/** A file that gives no picture. It does not stop the others. */
export interface BadPicture {
  readonly path: string;
  readonly error: { readonly name: string; readonly message: string };
  /** True if the file could not be read. Results do not contain it. */
  readonly unreadable?: true;
}

export function isBad(item: object): item is BadPicture {
  return "error" in item;
}

/**
 * Reads and decodes a file, a URL, or standard input as `-`. Rejects only for failures that the file does not cause: a
 * missing decoder, no memory, too many open files, a failing disk.
 * @param share holds the picture's memory until it is closed
 */
export async function openPicture(
  path: string,
  limits: Limits = limitsOf(),
  share: Share = new MemoryBudget(Number.POSITIVE_INFINITY).open(),
): Promise<OpenedPicture | BadPicture> {
  try {
    const bytes = await readSource(path, limits, share);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await share.grow(await decodedBytes(bytes, limits.maxPixels));
    const picture = await decodeBytes(bytes, limits);
    // The file's bytes are no longer needed.
    share.shrink(bytes.length);
    return { path, sha256, picture };
  } catch (error) {
    throwMachineFailure(path, error);
    if (!(error instanceof ImageError || error instanceof ReadError)) throw error;
    share.close();
    // The library does not know the user's name for the file.
    const { name, message } = new ImageError({ ...error, where: path, hint: hintFor(error, path) });
    return { path, error: { name, message }, ...(error instanceof ReadError && { unreadable: true }) };
  }
}

function hintFor({ hint, found }: MobileNetsError, path: string): string | undefined {
  // Node decodes arguments as UTF-8, and replaces invalid bytes.
  if (found === "no such file" && path.includes("\ufffd")) return "a name that is not UTF-8: rename it";
  return hint?.replace("set the option limitPixels", "--max-megapixels raises the limit");
}
