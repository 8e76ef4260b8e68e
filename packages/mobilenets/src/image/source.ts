import { decode } from "#platform";
import type { Decodable, DecodeOptions } from "../platform/platform.ts";
import { asPicture, hasPixels, type ImageDataLike, type Picture } from "./picture.ts";

/** A picture in any form that the library takes: pixels, or a source to decode. */
export type ImageSource = Picture | ImageDataLike | Decodable;

/**
 * The pixels of `source`: pixels are checked and shared, everything else is read and decoded by the host.
 * @throws ImageError if the pixels do not fit their size, or the source cannot be decoded.
 * @throws ReadError if a path or URL cannot be read.
 */
export async function toPicture(source: ImageSource, options?: DecodeOptions): Promise<Picture> {
  return hasPixels(source) ? asPicture(source) : decode(source, options);
}
