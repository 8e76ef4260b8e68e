import type { Frame } from "../classify/frames.ts";
import { pictureOf } from "./picture.ts";

/** Pixels of the shorter side: more than networks use, so that the answer equals the original's. */
const SIDE = 320;
/** Smaller files are kept unchanged. */
const SMALL_BYTES = 150_000;

/**
 * Makes a small file of a picture, to decode it repeatedly: 2,000 photographs take about 60 MB.
 * @throws ImageError if it cannot be decoded
 */
export async function keepsakeOf(source: Blob | Frame): Promise<Blob> {
  const { data, width, height } = await pictureOf(source);
  const scale = SIDE / Math.min(width, height);
  if (scale >= 1 && source instanceof Blob && source.size <= SMALL_BYTES) return source;
  const [w, h] = [width, height].map((n) => Math.max(1, Math.round(n * Math.min(1, scale))));
  const pixels = new ImageData(new Uint8ClampedArray(data), width, height);
  const bitmap = await createImageBitmap(pixels, { resizeWidth: w, resizeHeight: h, resizeQuality: "high" });
  const canvas = new OffscreenCanvas(w, h);
  canvas.getContext("2d")!.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 });
}
