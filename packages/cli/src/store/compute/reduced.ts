import { ImageError, type Picture, type Preprocessing } from "mobilenets";
import sharp from "sharp";

/** What the header of a file says of its picture. */
export interface Header {
  readonly format?: string;
  /** In pixels, upright; 0 where the header cannot be read. */
  readonly width: number;
  readonly height: number;
}

/** Never rejects: what is no picture fails when it is decoded, in better words. */
export async function readHeader(bytes: Uint8Array): Promise<Header> {
  try {
    // For no bytes at all, sharp throws before it makes a promise.
    const { format, autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return { format, width: autoOrient.width, height: autoOrient.height };
  } catch {
    return { width: 0, height: 0 };
  }
}

/**
 * Pixels of a reduced picture that a pixel of the network's input must come from at the least. From 1.15 on, EfficientNet's
 * features of photographs have a cosine of 0.997 or more with those of the whole picture, from 1.4 on 0.999; at 0.95 it is
 * 0.99 (docs/store.md has the table).
 */
const LEAST_PIXELS = 1.15;

/**
 * By what a JPEG file's picture may be reduced while it is decoded, which skips most of the work: 8, 4, 2, or 1 for not at
 * all, as for all other formats.
 */
export function reductionFor({ format, width, height }: Header, to: Preprocessing): 1 | 2 | 4 | 8 {
  if (format !== "jpeg") return 1;
  const [across, down] = [width / to.width, height / to.height];
  const pixels = to.crop === "pad" ? Math.max(across, down) : Math.min(across, down);
  const used = to.crop === "center" ? pixels * to.cropFraction : pixels;
  return ([8, 4, 2] as const).find((factor) => used / factor >= LEAST_PIXELS) ?? 1;
}

/**
 * The picture of a JPEG file, upright, at 1 / `factor` of its size: its decoder leaves the finer frequencies out.
 * @throws ImageError as `toPicture` does
 */
export async function decodeReduced(bytes: Uint8Array, { width, height }: Header, factor: number): Promise<Picture> {
  try {
    // libvips reduces as far as the size asked for allows; to ask for just that leaves nothing to resize.
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
