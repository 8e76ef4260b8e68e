import { ImageError, type Picture, type Preprocessing } from "mobilenets";
import { JpegDecoder, parseJpeg } from "mobilenets/store";

/** Decodes JPEG files at a reduced scale. */

/** Loads sharp at the first file that needs it. Many runs have none. */
async function loadSharp() {
  const { default: sharp } = await import("sharp");
  // Each file is read once, so a cache is of no use.
  sharp.cache(false);
  return sharp;
}

/** Format and size of a picture, read from the header of its file. */
export interface Header {
  readonly format?: string;
  /** True for a JPEG file that our own decoder reads. */
  readonly usual?: true;
  /** In pixels, upright. 0 if the header cannot be read. */
  readonly width: number;
  readonly height: number;
}

/** Never rejects. A file that is no picture fails in the decoder, which has a better error. */
export async function readHeader(bytes: Uint8Array): Promise<Header> {
  // Our own parser takes a hundredth of the time, and reads most files.
  const jpeg = parseJpeg(bytes);
  if (jpeg) {
    const { width, height, orientation } = jpeg;
    const isTurned = orientation > 4;
    const usual = true;
    return { format: "jpeg", usual, width: isTurned ? height : width, height: isTurned ? width : height };
  }
  const sharp = await loadSharp();
  try {
    // For an empty file, sharp throws before it makes a promise.
    const { format, autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return { format, width: autoOrient.width, height: autoOrient.height };
  } catch {
    return { width: 0, height: 0 };
  }
}

/**
 * Factors to reduce a picture by, largest first, and the least pixels that must be left per input pixel, along each
 * side. docs/store.md has the cosines between these features and those of the whole picture.
 */
const reductions = {
  /** For our decoder. */
  usual: { factors: [8, 4, 2], least: 1.15 },
  /**
   * For sharp, mainly for progressive files. It decodes at 1/8, 1/4 or 1/2 if the result is smaller than that, and
   * filters the rest. For a result of exactly 1/2 it decodes the whole picture, which saves no time.
   */
  other: { factors: [9, 5, 3], least: 1.4 },
} as const;

/** The factor to reduce a JPEG file by while it is decoded. 1 means no reduction, as for all other formats. */
export function reductionFor({ format, usual, width, height }: Header, to: Preprocessing): Reduction | 1 {
  if (format !== "jpeg") return 1;
  const [across, down] = [width / to.width, height / to.height];
  const pixels = to.crop === "pad" ? Math.max(across, down) : Math.min(across, down);
  const used = to.crop === "center" ? pixels * to.cropFraction : pixels;
  const { factors, least } = usual ? reductions.usual : reductions.other;
  return factors.find((factor) => used / factor >= least) ?? 1;
}

export type Reduction = 2 | 3 | 4 | 5 | 8 | 9;

/** This thread's decoder. Undefined if the host cannot compile WebAssembly. */
let own: Promise<JpegDecoder | undefined> | undefined;

/** Memory of finished pictures, reused by the next. Garbage collection instead would take twice as much memory. */
const spare: ArrayBuffer[] = [];
const recyclable = new WeakSet<ArrayBufferLike>();
const MOST_SPARE = 4;
const GRAIN = 2 ** 18;

function allocate(length: number): Uint8Array<ArrayBuffer> {
  const fitting = spare.findIndex(({ byteLength }) => byteLength >= length);
  const [buffer] = fitting < 0 ? [new ArrayBuffer(Math.ceil(length / GRAIN) * GRAIN)] : spare.splice(fitting, 1);
  recyclable.add(buffer);
  return new Uint8Array(buffer, 0, length);
}

/** Takes back the memory of a picture that `allocate` made. */
export function recycle({ data: { buffer } }: Picture): void {
  if (!recyclable.delete(buffer)) return;
  // The oldest goes, so the sizes fit the recent pictures.
  if (spare.length === MOST_SPARE) spare.shift();
  spare.push(buffer as ArrayBuffer);
}

/**
 * Decodes a JPEG file, upright, at 1 / `factor` of its size.
 * @throws ImageError as `toPicture` does
 */
export async function decodeReduced(bytes: Uint8Array, header: Header, factor: Reduction): Promise<Picture> {
  own ??= JpegDecoder.create().catch(() => undefined);
  const decoder = await own;
  const jpeg = decoder && header.usual && parseJpeg(bytes);
  const isOurs = factor === 2 || factor === 4 || factor === 8;
  // Sharp decodes unusual files, and reports damaged ones.
  return (jpeg && isOurs && decoder.decode(bytes, jpeg, factor, allocate)) || decodeOther(bytes, header, factor);
}

async function decodeOther(bytes: Uint8Array, { width, height }: Header, factor: Reduction): Promise<Picture> {
  const sharp = await loadSharp();
  try {
    const { data, info } = await sharp(bytes, { failOn: "error", limitInputPixels: false })
      .rotate()
      .resize(Math.ceil(width / factor), Math.ceil(height / factor), { fit: "fill" })
      .flatten({ background: "white" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const { buffer, byteOffset, byteLength } = data;
    return {
      data: new Uint8Array(buffer, byteOffset, byteLength),
      width: info.width,
      height: info.height,
      channels: 3,
    };
  } catch (cause) {
    const hint = "is the file damaged or cut short?";
    throw new ImageError({ where: "picture", found: "cannot be decoded", hint }, { cause });
  }
}
