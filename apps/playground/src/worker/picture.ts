import { type Picture, toPicture } from "mobilenets";
import type { Frame } from "../classify/frames.ts";
import { pixelsOf } from "./frame.ts";

/** Pixels per side above which a picture is reduced first: the network sees a few hundred. */
const LONGEST = 2048;

/**
 * Reads the pixels of a file or frame. A large photograph is reduced while it is drawn, so that its 60 million pixels are
 * never in memory: the answer hardly changes.
 * @throws ImageError if it cannot be decoded
 */
export async function pictureOf(source: Blob | Frame): Promise<Picture> {
  if (isVideoFrame(source)) return pixelsOf(source);
  const bitmap = source instanceof Blob ? await bitmapOf(source) : source;
  if (!bitmap) return toPicture(source);
  try {
    const scale = LONGEST / Math.max(bitmap.width, bitmap.height);
    if (scale >= 1) return await toPicture(source instanceof Blob ? source : bitmap);
    const canvas = new OffscreenCanvas(
      Math.max(1, Math.round(bitmap.width * scale)),
      Math.max(1, Math.round(bitmap.height * scale)),
    );
    const context = canvas.getContext("2d", { willReadFrequently: true })!;
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return await toPicture(canvas);
  } finally {
    bitmap.close();
  }
}

const isVideoFrame = (source: Blob | Frame): source is VideoFrame => "displayWidth" in source;

/** Decodes a file; undefined for one that is no picture, because the library has a better error. */
async function bitmapOf(blob: Blob): Promise<ImageBitmap | undefined> {
  try {
    return await createImageBitmap(blob, { imageOrientation: "from-image" });
  } catch {
    return undefined;
  }
}
