import { ImageError, WeightsError } from "../errors.ts";
import type { Picture } from "../image/picture.ts";
import { fetchBytes } from "./fetch-bytes.ts";
import {
  type Decodable,
  type Drawable,
  limitOf,
  nameOf,
  noPicture,
  type Platform,
  pictureLimits,
  tooLarge,
  WEIGHTS_PACKAGE,
} from "./platform.ts";
import type { ReadLimits } from "./request-watch.ts";

export const isLocal: Platform["isLocal"] = () => false;

export const readBytes: Platform["readBytes"] = fetchBytes;

/** No check of links: browsers do not expose them. */
export const readCompanion: Platform["readCompanion"] = (url, _file, limits) => fetchBytes(url, limits);

export const decode: Platform["decode"] = async (source, options) => {
  const limit = limitOf(options);
  const where = nameOf(source);
  if (typeof OffscreenCanvas === "undefined" || typeof createImageBitmap === "undefined") {
    const hint = "pass pixels instead: { data, width, height, channels }";
    throw new ImageError({ where, found: "no canvas to decode it on in this host", hint });
  }
  const blob = await blobOf(source, pictureLimits(options));
  if (blob === undefined) return readBack(source as Drawable, where, limit);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(blob, { imageOrientation: "from-image" });
  } catch (cause) {
    const found = "cannot be decoded";
    const hint = "is it complete, and of a format this browser supports?";
    throw new ImageError({ where, found, hint }, { cause });
  }
  try {
    return await readBack(bitmap, where, limit);
  } finally {
    bitmap.close();
  }
};

export const packagedWeights: Platform["packagedWeights"] = async () => {
  const hint = `import weights from "${WEIGHTS_PACKAGE}"; load(weights)`;
  throw new WeightsError({
    where: WEIGHTS_PACKAGE,
    found: "no address of its file",
    expected: "one that the page imports",
    hint,
  });
};

/** The encoded file, or undefined if the source is one to draw. */
async function blobOf(source: Decodable, limits: ReadLimits): Promise<Blob | undefined> {
  if (source instanceof Blob) return source;
  if (typeof source === "string") return new Blob([new Uint8Array(await readBytes(source, limits))]);
  if (source instanceof URL) return new Blob([new Uint8Array(await readBytes(source.href, limits))]);
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) return new Blob([new Uint8Array(source)]);
  if (typeof source === "object" && source !== null && ("width" in source || "displayWidth" in source))
    return undefined;
  throw noPicture(source, "an element to draw, a URL, bytes, a Blob, or { data, width, height, channels }");
}

async function readBack(image: Drawable, where: string, limit: number): Promise<Picture> {
  const { width, height } = await drawnSize(image, where);
  if (width * height > limit) throw tooLarge(where, width, height, limit);
  // `willReadFrequently` keeps the canvas in main memory: no round trip through the GPU, and no rounding by it.
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new ImageError({ where, found: `no canvas of ${width}x${height} pixels to draw it on` });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0, width, height);
  try {
    return { data: context.getImageData(0, 0, width, height).data, width, height, channels: 4 };
  } catch (cause) {
    const hint = 'pictures of another origin need its permission (CORS) and crossorigin="anonymous"';
    throw new ImageError({ where, found: "pixels that may not be read", hint }, { cause });
  }
}

/** The size in the source's own pixels, not its displayed size. */
async function drawnSize(image: Drawable, where: string): Promise<{ width: number; height: number }> {
  let { width, height } = image as Exclude<Drawable, VideoFrame>;
  if ("displayWidth" in image) {
    width = image.displayWidth;
    height = image.displayHeight;
  } else if ("naturalWidth" in image) {
    await image.decode().catch((cause: unknown) => {
      throw new ImageError({ where, found: "an image element that cannot be loaded or decoded" }, { cause });
    });
    width = image.naturalWidth;
    height = image.naturalHeight;
  } else if ("videoWidth" in image) {
    if (image.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
      throw new ImageError({ where, found: "a video without a frame yet", hint: "await its `loadeddata` event" });
    }
    width = image.videoWidth;
    height = image.videoHeight;
  }
  if (!(width > 0 && height > 0)) {
    const expected = "something with pixels to draw";
    throw new ImageError({ where, found: `size ${width}x${height}`, expected });
  }
  return { width, height };
}
