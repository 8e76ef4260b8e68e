import { ImageError } from "../errors.ts";

/**
 * A decoded picture: 8-bit samples 0..255, row-major from the top left, channels interleaved (`[height, width, channels]`).
 * 1 channel is grey, 3 are red, green, blue, 4 add straight (not premultiplied) alpha. The colours are sRGB.
 */
export interface Picture {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
  /**
   * The picture's exact size in pixels, from the top left. It is fractional if the picture was decoded at a reduced size
   * that is no whole number of pixels. Default: `width` and `height`.
   */
  readonly extent?: { readonly width: number; readonly height: number };
}

/** The shape of a browser's `ImageData`, which always has 4 channels. */
export interface ImageDataLike {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/**
 * Whether `value` is meant as pixels (a `Picture` or an `ImageData`) rather than something to decode. Elements and
 * bitmaps of the browser have a width and a height too, but no `data`.
 */
export function hasPixels(value: unknown): value is Picture | ImageDataLike {
  return typeof value === "object" && value !== null && "data" in value && "width" in value && "height" in value;
}

/**
 * The picture in `pixels`, checked. The samples are shared, not copied; an `ImageData` becomes a 4-channel picture.
 * @throws ImageError if a size is not a positive integer or the data are not `width * height * channels` bytes.
 */
export function asPicture(pixels: Picture | ImageDataLike, where = "picture"): Picture {
  const { data, width, height } = pixels;
  const channels = "channels" in pixels ? pixels.channels : 4;
  if (!isSize(width) || !isSize(height)) {
    throw new ImageError({ where, found: `size ${width}x${height}`, expected: "width and height of 1 pixel or more" });
  }
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new ImageError({ where, found: `${channels} channels`, expected: "1 (grey), 3 (RGB) or 4 (RGBA)" });
  }
  if (!isBytes(data)) {
    const found = `data of type ${Object.prototype.toString.call(data).slice(8, -1)}`;
    const hint = "scale other sample types to 0..255 first";
    throw new ImageError({ where, found, expected: "Uint8Array or Uint8ClampedArray", hint });
  }
  if (data.length !== width * height * channels) {
    throw new ImageError({
      where,
      found: `${data.length} bytes`,
      expected: `${width * height * channels} for ${width}x${height} with ${channels} channels`,
    });
  }
  const { extent } = pixels as Picture;
  return extent ? { data, width, height, channels, extent } : { data, width, height, channels };
}

function isSize(n: number): boolean {
  return Number.isInteger(n) && n > 0;
}

/**
 * Tests the tag, not `instanceof`, so that arrays of another realm (a frame, a test runner's context) count too.
 */
function isBytes(data: unknown): boolean {
  const tag = Object.prototype.toString.call(data);
  return tag === "[object Uint8Array]" || tag === "[object Uint8ClampedArray]";
}
