import { kindOf } from "../check-options.ts";
import { ImageError, MobileNetsError, OptionError } from "../errors.ts";
import type { Picture } from "../image/picture.ts";
import type { ReadLimits } from "./request-watch.ts";

/** The functions that differ between hosts. `#platform` is `node.ts` in Node, Bun and Deno, `web.ts` in browsers. */
export interface Platform {
  /**
   * Reads a file or URL. In Node a string is a path unless it begins with `http:`, `https:`, `data:` or `file:`;
   * elsewhere it is a URL, relative to the page.
   * @throws ReadError for content that is missing, unreadable or beyond a limit
   */
  readBytes(pathOrUrl: string, limits?: ReadLimits): Promise<Uint8Array>;
  /** Whether another file beside it can be read without a network request. */
  isLocal(pathOrUrl: string): boolean;
  /**
   * Reads a file in the folder of another, or below it.
   * @param pathOrUrl a result of `companionOf`
   * @param file the other file: a link must not lead out of its folder
   * @throws ReadError as `readBytes`, and for such a link
   */
  readCompanion(pathOrUrl: string, file: string, limits?: ReadLimits): Promise<Uint8Array>;
  /**
   * Decodes an encoded file, or reads an element: 8-bit sRGB, upright by the EXIF orientation, the first frame of an
   * animation, alpha flattened onto white. 3 channels in Node; 4 in browsers, the fourth 255.
   * @throws ImageError if the picture cannot be decoded, is damaged or larger than the limit.
   * @throws ReadError if a path or URL cannot be read.
   */
  decode(source: Decodable, options?: DecodeOptions): Promise<Picture>;
  /**
   * Address of the weights in the package `@mobilenets/weights-imagenet`.
   * @throws WeightsError if the package is not installed; in a page always, because a page imports it only in its own code,
   *   so that bundlers do not include 9.5 MB for every page
   */
  packagedWeights(): Promise<string>;
}

/** Limits for reading and decoding a picture. */
export interface DecodeOptions extends ReadLimits {
  /**
   * Most pixels of a picture. Default 200 million (600 MB decoded). A file of a few kilobytes can claim gigapixels. Node
   * refuses before it decodes; a browser decodes first, within its own limits.
   */
  readonly limitPixels?: number;
}

/** Most bytes of an encoded picture. The largest photographs of cameras take half of it, except uncompressed TIFF. */
const MAX_PICTURE_BYTES = 256 * 2 ** 20;

/** Limits for reading a picture, with its default size limit. */
export function pictureLimits(options: DecodeOptions = {}): ReadLimits {
  return { ...options, maxBytes: options.maxBytes ?? MAX_PICTURE_BYTES };
}

const DEFAULT_LIMIT_PIXELS = 200_000_000;

/** @throws OptionError unless the limit is a positive integer or Infinity. */
export function limitOf({ limitPixels = DEFAULT_LIMIT_PIXELS }: DecodeOptions = {}): number {
  if (limitPixels > 0 && (Number.isInteger(limitPixels) || limitPixels === Infinity)) return limitPixels;
  throw new OptionError({
    where: "limitPixels",
    found: String(limitPixels),
    expected: "a positive integer, or Infinity for no limit",
  });
}

/**
 * A source that can be decoded: a path or URL (as for `readBytes`), the bytes of a file, or, in browsers, anything that
 * can be drawn. An image element is awaited; a video gives its current frame.
 */
export type Decodable = string | URL | Uint8Array | ArrayBuffer | Blob | Drawable;

export type Drawable =
  | Global<"HTMLImageElement">
  | Global<"HTMLVideoElement">
  | Global<"HTMLCanvasElement">
  | Global<"OffscreenCanvas">
  | Global<"ImageBitmap">
  | Global<"VideoFrame">;

/** The type of a global class, `never` where it is not declared: Node programs compile without the DOM library. */
type Global<Name extends string> = typeof globalThis extends Record<Name, { prototype: infer Type }> ? Type : never;

/** The package of EfficientNet-Lite0's ImageNet weights; its one export is their address. */
export const WEIGHTS_PACKAGE = "@mobilenets/weights-imagenet";

/** A file or URL that is missing or cannot be read. */
export class ReadError extends MobileNetsError {
  override get name() {
    return "ReadError";
  }
}

/** A picture's name in error messages. */
export function nameOf(source: Decodable): string {
  if (source instanceof URL) return nameOf(source.href);
  if (typeof source === "string") return source.startsWith("data:") ? "data URL" : source;
  return typeof File !== "undefined" && source instanceof File ? source.name : "picture";
}

/** The error for a value that cannot be a picture. @param expected the sources that this host decodes */
export function noPicture(source: unknown, expected: string): ImageError {
  return new ImageError({ where: "picture", found: kindOf(source), expected });
}

export function tooLarge(where: string, width: number, height: number, limit: number): ImageError {
  return new ImageError({
    where,
    found: `${width}x${height} pixels`,
    expected: `at most ${limit} in all`,
    hint: "if you trust it, set the option limitPixels",
  });
}
