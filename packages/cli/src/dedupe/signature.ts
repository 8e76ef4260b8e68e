import { createHash } from "node:crypto";
import { ReadError } from "mobilenets";
import type { Limits } from "../pictures/limits.ts";
import { throwMachineFailure } from "../pictures/machine-error.ts";
import { openImage } from "../pictures/open-image.ts";
import { readFile } from "../pictures/read-file.ts";

/** Reads the signature of a picture, for finding its copies. */

/** Side of the small grey copies to compare, in pixels. A row is one number of a mask of bits. */
export const SIDE = 32;

/** Side of the colour copies, in cells. Eyes, too, resolve colours less than luminance. */
export const CHROMA_SIDE = 8;

/** Data of a picture for finding its copies: some 1.7 kB. */
export interface Signature {
  readonly path: string;
  /** Hash of the file, hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  /** In pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Frames of an animation, or pages. Only the first is compared. */
  readonly pages: number;
  /** True if the file has EXIF data beyond the orientation. */
  readonly exif: boolean;
  /** `SIDE` x `SIDE` luminance, 0 to 255, upright, squeezed to a square. */
  readonly grey: Uint8Array;
  /**
   * `[CHROMA_SIDE, CHROMA_SIDE, 2]`: red minus green, blue minus green. A change of brightness changes them little.
   */
  readonly chroma: Int16Array;
  /** A bit per pixel, 32 to a number: red or green is at its upper end, so a lighter copy has lost something. */
  readonly light: Uint32Array;
  /** The same for the lower end. */
  readonly dark: Uint32Array;
}

/** A file that gives no signature. */
export interface Unreadable {
  readonly path: string;
  readonly error: { readonly name: string; readonly message: string };
}

/**
 * Reads a picture upright, by EXIF's orientation, with white behind transparent parts.
 * @throws MachineError for failures that the file does not cause
 */
export async function readSignature(path: string, limits: Limits): Promise<Signature | Unreadable> {
  try {
    const bytes = await readFile(path, limits.maxBytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const image = await openImage(bytes, { limitInputPixels: limits.maxPixels, failOn: "error" });
    if (!image) throw new Error("unknown format");
    const { width = 0, height = 0, orientation = 1, exif, pages = 1 } = await image.metadata();
    const { data } = await image
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
      pages,
      exif: exif !== undefined && exif.length > MOST_EMPTY_EXIF,
      ...reduce(data),
    };
  } catch (error) {
    throwMachineFailure(path, error);
    const message = error instanceof ReadError ? error.message : `${path}: ${reasonOf(error)}`;
    return { path, error: { name: error instanceof ReadError ? "ReadError" : "ImageError", message } };
  }
}

/** Most bytes of an EXIF block with nothing but the orientation. */
const MOST_EMPTY_EXIF = 200;

function reasonOf(error: unknown): string {
  return `cannot be decoded (${(error as Error).message.split("\n")[0]})`;
}

/** Levels from which a pixel of a small copy may be clipped. Blue counts little in the luminance. */
const [LIGHT, DARK] = [246, 5];

/** Computes luminance and colours from RGB samples. The luminance has the weights of ITU-R BT.601. */
function reduce(data: Buffer): Pick<Signature, "grey" | "chroma" | "light" | "dark"> {
  const count = SIDE * SIDE;
  const channels = data.length / count;
  const [g, b] = channels >= 3 ? [1, 2] : [0, 0];
  const grey = new Uint8Array(count);
  const sums = new Float64Array(2 * CHROMA_SIDE ** 2);
  const [light, dark] = [new Uint32Array(count / 32), new Uint32Array(count / 32)];
  const step = SIDE / CHROMA_SIDE;
  for (let i = 0; i < count; i++) {
    const at = i * channels;
    grey[i] = Math.round(0.299 * data[at] + 0.587 * data[at + g] + 0.114 * data[at + b]);
    if (Math.max(data[at], data[at + g]) >= LIGHT) light[i >> 5] |= 1 << (i & 31);
    if (Math.min(data[at], data[at + g]) <= DARK) dark[i >> 5] |= 1 << (i & 31);
    const cell = Math.floor(Math.floor(i / SIDE) / step) * CHROMA_SIDE + Math.floor((i % SIDE) / step);
    sums[2 * cell] += data[at] - data[at + g];
    sums[2 * cell + 1] += data[at + b] - data[at + g];
  }
  return { grey, chroma: Int16Array.from(sums, (sum) => Math.round(sum / step ** 2)), light, dark };
}
