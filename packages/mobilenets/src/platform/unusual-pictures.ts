import type { Sharp } from "sharp";
import { ImageError } from "../errors.ts";
import type { Picture } from "../image/picture.ts";
import { bmpSize, decodeBmp } from "./bmp.ts";
import { peerError, present } from "./peer.ts";
import { tooLarge } from "./platform.ts";

/**
 * Decodes a BMP, which sharp does not.
 * @throws ImageError if it is damaged or has more pixels than `limit`
 */
export function bmp(bytes: Uint8Array, where: string, limit: number): Picture {
  try {
    const { width, height } = bmpSize(bytes);
    if (width * height > limit) throw tooLarge(where, width, height, limit);
    return decodeBmp(bytes);
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    const found = `a BMP that cannot be decoded (${(cause as Error).message})`;
    throw new ImageError({ where, found, hint: "is the file damaged or cut short?" }, { cause });
  }
}

/**
 * Decodes a HEIC picture, as iPhones save them; sharp lacks the codec. The result is upright, with its stored colours.
 * @throws ImageError if `heic-decode` is not installed, or the picture is damaged or has more pixels than `limit`
 */
export async function heic(bytes: Uint8Array, where: string, limit: number): Promise<Picture> {
  const { all } = await loadHeic();
  const images = await all({ buffer: bytes }).catch((cause: unknown) => {
    throw damagedHeic(where, cause);
  });
  try {
    const [{ width, height, decode }] = images;
    if (width * height > limit) throw tooLarge(where, width, height, limit);
    const { data } = await decode().catch((cause: unknown) => {
      throw damagedHeic(where, cause);
    });
    return { data: onWhite(data), width, height, channels: 3 };
  } finally {
    images.dispose();
  }
}

async function loadHeic() {
  try {
    return present((await import("heic-decode")).default, "all");
  } catch (cause) {
    throw peerError("heic-decode", "decode HEIC pictures in Node", cause, ImageError);
  }
}

function damagedHeic(where: string, cause: unknown): ImageError {
  const found = "a HEIC picture that cannot be decoded";
  return new ImageError({ where, found, hint: "is the file damaged or cut short?" }, { cause });
}

function onWhite(rgba: Uint8Array | Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let p = 0, i = 0; p < rgba.length; p += 4) {
    const alpha = rgba[p + 3]!;
    for (let c = 0; c < 3; c++) rgb[i++] = alpha === 255 ? rgba[p + c]! : 255 + ((rgba[p + c]! - 255) * alpha) / 255;
  }
  return rgb;
}

/** Converts CMYK samples to RGB as browsers, Pillow and TensorFlow do, without a printer's profile. */
export async function cmyk(image: Sharp): Promise<Picture> {
  const { data, info } = await image
    .pipelineColourspace("cmyk")
    .toColourspace("cmyk")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const rgb = new Uint8Array(width * height * 3);
  for (let p = 0, i = 0; i < rgb.length; p += channels) {
    const light = 255 - data[p + 3]!;
    for (let c = 0; c < 3; c++) {
      // Pillow's MULDIV255: ink times light, divided by 255.
      const product = data[p + c]! * light + 128;
      rgb[i++] = light - (((product >> 8) + product) >> 8);
    }
  }
  return { data: rgb, width, height, channels: 3 };
}

/**
 * Decodes floating-point samples: from 0 to 1 as scientific tools write them, or from 0 to 255.
 * @throws ImageError for samples outside both ranges, whose scale is unknown
 */
export async function floats(image: Sharp, space: string, where: string): Promise<Picture> {
  // The samples stay in their own space: a conversion to sRGB would treat them as linear light.
  const { data, info } = await image
    .pipelineColourspace(space)
    .toColourspace(space)
    .raw({ depth: "float" })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const samples = new Float32Array(data.buffer, data.byteOffset, width * height * channels);
  const kept = channels < 3 ? 1 : 3;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < samples.length; i++) {
    if (i % channels >= kept) continue;
    least = Math.min(least, samples[i]!);
    most = Math.max(most, samples[i]!);
  }
  if (!(least >= 0 && most <= 255)) {
    const found = `floating-point samples from ${least} to ${most}`;
    throw new ImageError({ where, found, expected: "0 to 1, or 0 to 255", hint: "scale them first" });
  }
  const scale = most <= 1 ? 255 : 1;
  const out = new Uint8Array(width * height * kept);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < kept; c++) out[pixel * kept + c] = Math.round(samples[pixel * channels + c]! * scale);
  }
  return { data: out, width, height, channels: kept };
}

/** Values of PhotometricInterpretation (TIFF 6.0 and supplements) that libvips does not convert. */
const COLOURS: Readonly<Record<number, string>> = {
  4: "a mask",
  8: "L*a*b*",
  9: "ICC L*a*b*",
  10: "ITU L*a*b*",
  32803: "raw",
};
const PHOTOMETRIC = 262;

/** @throws ImageError for a TIFF whose colours no decoder here converts to RGB, with what to do */
export function checkColours(bytes: Uint8Array, where: string, cause: unknown): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = bytes[0] === 0x49;
  const directory = bytes.length < 8 ? 0 : view.getUint32(4, little);
  if (directory < 8 || directory + 2 > bytes.length) return;
  const entries = view.getUint16(directory, little);
  for (let at = directory + 2, i = 0; i < entries && at + 12 <= bytes.length; i++, at += 12) {
    if (view.getUint16(at, little) !== PHOTOMETRIC) continue;
    const colours = COLOURS[view.getUint16(at + 8, little)];
    if (colours === undefined) return;
    const hint = "save it as RGB, e.g. with ImageMagick: magick in.tif -colorspace sRGB out.png";
    throw new ImageError(
      { where, found: `a TIFF of ${colours} colours`, expected: "RGB, grey or CMYK", hint },
      { cause },
    );
  }
}
