import { createHash } from "node:crypto";
import { ImageError, type MobileNetsError, type Picture, ReadError, toPicture } from "mobilenets";
import { decodedBytes } from "./decoded-bytes.ts";
import { type Limits, limitsOf } from "./limits.ts";
import { throwMachineFailure } from "./machine-error.ts";
import { MemoryBudget, type Share } from "./memory-budget.ts";
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
  /** Its bytes could not even be had. Not part of what is written about it. */
  readonly unreadable?: true;
}

export function isBad(item: object): item is BadPicture {
  return "error" in item;
}

/**
 * Reads and decodes a file, a URL, or, as `-`, standard input. Rejects only for what is not the file's fault: no decoder
 * is installed, the machine has no memory or no open files left, a disk fails.
 * @param share takes the memory that the picture holds until it is closed
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
    const picture = await toPicture(bytes, { limitPixels: limits.maxPixels });
    // The file's own bytes are garbage from here on.
    share.shrink(bytes.length);
    return { path, sha256, picture };
  } catch (error) {
    throwMachineFailure(path, error);
    if (!(error instanceof ImageError || error instanceof ReadError)) throw error;
    share.close();
    // The library cannot know what the user calls the file.
    const { name, message } = new ImageError({ ...error, where: path, hint: hintFor(error, path) });
    return { path, error: { name, message }, ...(error instanceof ReadError && { unreadable: true }) };
  }
}

function hintFor({ hint, found }: MobileNetsError, path: string): string | undefined {
  // Node hands arguments over as text.
  if (found === "no such file" && path.includes("\ufffd")) return "a name that is not UTF-8: rename it";
  return hint?.replace("set the option limitPixels", "--max-megapixels raises the limit");
}
