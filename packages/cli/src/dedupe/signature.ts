import { createHash } from "node:crypto";
import { ImageError, ReadError } from "mobilenets";
import sharp from "sharp";
import type { Limits } from "../pictures/limits.ts";
import { throwMachineFailure } from "../pictures/machine-error.ts";
import { readFile } from "../pictures/read-file.ts";

/** Side of the small grey copy that pictures are compared by. */
export const SIDE = 32;

/** Side of its colours: an eighth of what luminance has, as eyes have it. */
export const CHROMA_SIDE = 8;

/** What is kept of a picture to find its copies: some 1.5 kB. */
export interface Signature {
  readonly path: string;
  /** Of the file's bytes, hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  /** In pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Whether the file says when or with what it was taken. */
  readonly exif: boolean;
  /** `SIDE` x `SIDE` luminance, 0 to 255, upright, squeezed to a square. */
  readonly grey: Uint8Array;
  /**
   * `CHROMA_SIDE` x `CHROMA_SIDE` of red minus green and blue minus green, in turn: what no change of brightness changes much.
   */
  readonly chroma: Int16Array;
}

/** A file that is no picture that can be compared. */
export interface Unreadable {
  readonly path: string;
  readonly error: { readonly name: string; readonly message: string };
}

/**
 * Reads a picture upright (EXIF's orientation applied), over white where it is transparent.
 * @throws MachineError for what is not the file's fault
 */
export async function readSignature(path: string, limits: Limits): Promise<Signature | Unreadable> {
  try {
    const bytes = await readFile(path, limits.maxBytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const image = sharp(bytes, { limitInputPixels: limits.maxPixels, failOn: "error" });
    const { width = 0, height = 0, orientation = 1, exif } = await image.metadata();
    const { data } = await image
      .rotate()
      .flatten({ background: "#fff" })
      .toColourspace("srgb")
      .resize(SIDE, SIDE, { fit: "fill", kernel: "mitchell", fastShrinkOnLoad: false })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const turned = orientation >= 5;
    return {
      path,
      sha256,
      bytes: bytes.length,
      width: turned ? height : width,
      height: turned ? width : height,
      exif: exif !== undefined && exif.length > MOST_EMPTY_EXIF,
      ...reduce(data),
    };
  } catch (error) {
    throwMachineFailure(path, error);
    const message =
      error instanceof ReadError || error instanceof ImageError ? error.message : `${path}: ${reasonOf(error)}`;
    return { path, error: { name: error instanceof ReadError ? "ReadError" : "ImageError", message } };
  }
}

/** A block with the orientation alone has fewer bytes than this. */
const MOST_EMPTY_EXIF = 200;

function reasonOf(error: unknown): string {
  return `cannot be decoded (${(error as Error).message.split("\n")[0]})`;
}

/** Of RGB samples. Weights of the luminance: ITU-R BT.601. */
function reduce(data: Buffer): Pick<Signature, "grey" | "chroma"> {
  const count = SIDE * SIDE;
  const channels = data.length / count;
  const [g, b] = channels >= 3 ? [1, 2] : [0, 0];
  const grey = new Uint8Array(count);
  const sums = new Float64Array(2 * CHROMA_SIDE ** 2);
  const step = SIDE / CHROMA_SIDE;
  for (let i = 0; i < count; i++) {
    const at = i * channels;
    grey[i] = Math.round(0.299 * data[at] + 0.587 * data[at + g] + 0.114 * data[at + b]);
    const cell = Math.floor(Math.floor(i / SIDE) / step) * CHROMA_SIDE + Math.floor((i % SIDE) / step);
    sums[2 * cell] += data[at] - data[at + g];
    sums[2 * cell + 1] += data[at + b] - data[at + g];
  }
  return { grey, chroma: Int16Array.from(sums, (sum) => Math.round(sum / step ** 2)) };
}
