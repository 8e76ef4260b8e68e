import { ImageError, type Picture, type Preprocessing } from "mobilenets";
import { JpegDecoder, parseJpeg } from "mobilenets/store";

/** Loaded for files that need it: many runs have none. */
async function loadSharp() {
  const { default: sharp } = await import("sharp");
  // Each file is read once.
  sharp.cache(false);
  return sharp;
}

/** What the header of a file says of its picture. */
export interface Header {
  readonly format?: string;
  /** Whether it is a JPEG file that our own decoder takes. */
  readonly usual?: true;
  /** In pixels, upright; 0 where the header cannot be read. */
  readonly width: number;
  readonly height: number;
}

/** Never rejects: what is no picture fails when it is decoded, in better words. */
export async function readHeader(bytes: Uint8Array): Promise<Header> {
  // Most files are of the usual kind, which takes a hundredth of the time.
  const jpeg = parseJpeg(bytes);
  if (jpeg) {
    const { width, height, orientation } = jpeg;
    const isTurned = orientation > 4;
    const usual = true;
    return { format: "jpeg", usual, width: isTurned ? height : width, height: isTurned ? width : height };
  }
  const sharp = await loadSharp();
  try {
    // For no bytes at all, sharp throws before it makes a promise.
    const { format, autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return { format, width: autoOrient.width, height: autoOrient.height };
  } catch {
    return { width: 0, height: 0 };
  }
}

/**
 * By what a picture may be reduced, the most first, and the pixels of it that a pixel of the network's input must come from
 * at the least: docs/store.md has the cosines of the features with those of the whole picture.
 */
const reductions = {
  /** Our decoder's. */
  usual: { factors: [8, 4, 2], least: 1.15 },
  /**
   * Of sharp, for progressive files above all: it decodes at 1/8, 1/4 or 1/2 what is wanted smaller than that, and filters
   * the rest of the way. To do so at 1/2 for a picture wanted at 1/2 it refuses: that takes no longer than the whole.
   */
  other: { factors: [9, 5, 3], least: 1.4 },
} as const;

/** By what a JPEG file's picture may be reduced while it is decoded; 1 for not at all, as for all other formats. */
export function reductionFor({ format, usual, width, height }: Header, to: Preprocessing): Reduction | 1 {
  if (format !== "jpeg") return 1;
  const [across, down] = [width / to.width, height / to.height];
  const pixels = to.crop === "pad" ? Math.max(across, down) : Math.min(across, down);
  const used = to.crop === "center" ? pixels * to.cropFraction : pixels;
  const { factors, least } = usual ? reductions.usual : reductions.other;
  return factors.find((factor) => used / factor >= least) ?? 1;
}

export type Reduction = 2 | 3 | 4 | 5 | 8 | 9;

/** Of this thread; undefined where WebAssembly cannot be compiled. */
let own: Promise<JpegDecoder | undefined> | undefined;

/** Memory of pictures that are done, for the next ones. Waiting for its collection would take twice as much memory. */
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

/** Takes a picture's memory back, if it is from here. */
export function recycle({ data: { buffer } }: Picture): void {
  if (!recyclable.delete(buffer)) return;
  // Those of the sizes of now.
  if (spare.length === MOST_SPARE) spare.shift();
  spare.push(buffer as ArrayBuffer);
}

/**
 * The picture of a JPEG file, upright, at 1 / `factor` of its size: what is finer is left out.
 * @throws ImageError as `toPicture` does
 */
export async function decodeReduced(bytes: Uint8Array, header: Header, factor: Reduction): Promise<Picture> {
  own ??= JpegDecoder.create().catch(() => undefined);
  const decoder = await own;
  const jpeg = decoder && header.usual && parseJpeg(bytes);
  const isOurs = factor === 2 || factor === 4 || factor === 8;
  // Files of unusual kinds, and damaged ones, are another decoder's.
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
