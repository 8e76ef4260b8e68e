import { kindOf } from "../check-options.ts";
import { ImageError, MobileNetsError, OptionError } from "../errors.ts";
import type { Picture } from "../image/picture.ts";
import type { ReadLimits } from "./request-watch.ts";

/** What differs between hosts. `#platform` is `node.ts` in Node, Bun and Deno, `web.ts` in browsers and workers. */
export interface Platform {
  /**
   * The content of a file or URL. In Node a string is a path unless it begins with `http:`, `https:`, `data:` or
   * `file:`; elsewhere it is a URL, relative ones to the page.
   * @throws ReadError if it is missing, cannot be read, or passes a limit
   */
  readBytes(pathOrUrl: string, limits?: ReadLimits): Promise<Uint8Array>;
  /** Whether to look for another file beside it costs no request. */
  isLocal(pathOrUrl: string): boolean;
  /**
   * The content of a file in the folder of another, or below it.
   * @param pathOrUrl as `companionOf` gives it
   * @param file the other one: a link must not lead out of its folder
   * @throws ReadError also for such a link
   */
  readCompanion(pathOrUrl: string, file: string, limits?: ReadLimits): Promise<Uint8Array>;
  /**
   * The picture in an encoded file, or on an element: 8-bit sRGB, upright by its EXIF orientation, the first frame of
   * an animation, alpha flattened on white. 3 channels in Node; 4 in browsers, the fourth 255.
   * @throws ImageError if it cannot be decoded, is damaged or larger than the limit.
   * @throws ReadError if a path or URL cannot be read.
   */
  decode(source: Decodable, options?: DecodeOptions): Promise<Picture>;
  /**
   * Address of the weights in the package `@mobilenets/weights-imagenet`.
   * @throws WeightsError if it is not installed, or, in a page, always: there only an import in the page's own code makes
   *   a bundler carry 9.5 MB
   */
  packagedWeights(): Promise<string>;
}

/** Limits for reading and decoding a picture. */
export interface DecodeOptions extends ReadLimits {
  /**
   * Refuse pictures of more pixels, by default 200 million (600 MB decoded). A few kilobytes can claim to be gigapixels.
   * Node refuses before it decodes; a browser decodes first, within limits of its own.
   */
  readonly limitPixels?: number;
}

/** Of an encoded picture. The largest photographs of cameras take half of it, uncompressed TIFF aside. */
const MAX_PICTURE_BYTES = 256 * 2 ** 20;

/** Limits for reading a picture, its own default for the size filled in. */
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
 * What can be decoded: a path or URL (as for `readBytes`), the bytes of a file, or, in browsers, whatever can be drawn.
 * An image element is awaited; a video gives its present frame.
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

/** EfficientNet-Lite0's ImageNet weights; its one export is their address. */
export const WEIGHTS_PACKAGE = "@mobilenets/weights-imagenet";

/** A file or URL that is missing or cannot be read. */
export class ReadError extends MobileNetsError {
  override get name() {
    return "ReadError";
  }
}

/** How errors call a picture. */
export function nameOf(source: Decodable): string {
  if (source instanceof URL) return nameOf(source.href);
  if (typeof source === "string") return source.startsWith("data:") ? "data URL" : source;
  return typeof File !== "undefined" && source instanceof File ? source.name : "picture";
}

/** A value that cannot be a picture. @param expected what this host decodes */
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
