import type { Picture } from "mobilenets";

/** Pixels of the shorter side. */
const SIDE = 160;

/** A small JPEG of a picture with 4 channels, as browsers decode it: 2,000 take 20 MB. */
export async function thumbnailOf({ data, width, height }: Picture): Promise<Blob> {
  const pixels = new ImageData(new Uint8ClampedArray(data), width, height);
  const scale = Math.min(1, SIDE / Math.min(width, height));
  const size = [width, height].map((n) => Math.max(1, Math.round(n * scale)));
  const bitmap = await createImageBitmap(pixels, {
    resizeWidth: size[0],
    resizeHeight: size[1],
    resizeQuality: "medium",
  });
  const canvas = new OffscreenCanvas(size[0], size[1]);
  canvas.getContext("2d")!.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 });
}
