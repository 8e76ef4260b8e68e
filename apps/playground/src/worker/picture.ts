import { type Picture, toPicture } from "mobilenets";
import type { Frame } from "../classify/frames.ts";
import { pixelsOf } from "./frame.ts";

/** Pixels a side above which a picture is made smaller first: the network sees a few hundred. */
const LONGEST = 2048;

/**
 * The pixels of a file or frame. A large photograph is reduced while it is drawn, so that its 60 million pixels are never
 * held as numbers: the answer hardly changes, the memory does.
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

/** Nothing for a file that is no picture: the library says so better. */
async function bitmapOf(blob: Blob): Promise<ImageBitmap | undefined> {
  try {
    return await createImageBitmap(blob, { imageOrientation: "from-image" });
  } catch {
    return undefined;
  }
}
