import { createHash } from "node:crypto";
import { ImageError, MobileNetsError, type Picture, ReadError, toPicture } from "mobilenets";
import { isMachineFailure } from "mobilenets/store";
import sharp from "sharp";
import { type Limits, limitsOf } from "./limits.ts";
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
    await share.grow(await decodedBytes(bytes, limits));
    const picture = await toPicture(bytes, { limitPixels: limits.maxPixels });
    // The file's own bytes are garbage from here on.
    share.shrink(bytes.length);
    return { path, sha256, picture };
  } catch (error) {
    if (isMachineFailure(error)) throw new MachineError(path, error as Error);
    if (!(error instanceof ImageError || error instanceof ReadError)) throw error;
    share.close();
    // The library cannot know what the user calls the file.
    const { name, message } = new ImageError({ ...error, where: path, hint: hintFor(error) });
    return { path, error: { name, message }, ...(error instanceof ReadError && { unreadable: true }) };
  }
}

/** The machine failed, not the picture: the job ends, and what it did not come to is tried again by the next. */
export class MachineError extends MobileNetsError {
  override get name(): string {
    return "MachineError";
  }

  constructor(path: string, cause: Error) {
    const hint = "the same command goes on when the machine can again";
    super({ where: path, found: `this machine failed (${cause.message})`, hint }, { cause });
  }
}

/** Of the picture once it is decoded; 0 where its header does not tell, and decoding will fail. */
async function decodedBytes(bytes: Uint8Array, { maxPixels }: Limits): Promise<number> {
  try {
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return width * height > maxPixels ? 0 : 3 * width * height;
  } catch {
    return 0;
  }
}

function hintFor({ hint }: MobileNetsError): string | undefined {
  return hint?.replace("set the option limitPixels", "--max-megapixels raises the limit");
}
