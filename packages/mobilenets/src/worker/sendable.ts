import { absolute } from "#thread";
import { kindOf } from "../check-options.ts";
import { ImageError } from "../errors.ts";
import { hasPixels } from "../image/picture.ts";
import type { ImageSource } from "../image/source.ts";

/** A picture in a sendable form, and its transferred parts. */
export interface Sendable {
  readonly picture: unknown;
  readonly transfer: readonly unknown[];
}

/**
 * Converts a picture to send it to a thread: elements of the page become bitmaps, addresses become absolute.
 * @param handOver whether the caller no longer needs bitmaps, frames and pixels: then they are not copied
 * @throws ImageError for a value that is no picture, or cannot be drawn
 */
export async function sendable(source: ImageSource, handOver: boolean): Promise<Sendable> {
  if (typeof source === "string") return { picture: absolute(source), transfer: [] };
  if (source instanceof URL) return { picture: source.href, transfer: [] };
  if (source instanceof ArrayBuffer) return { picture: source, transfer: handOver ? [source] : [] };
  if (source instanceof Uint8Array) return bytes(source, handOver);
  if (typeof Blob !== "undefined" && (source as unknown) instanceof Blob) return { picture: source, transfer: [] };
  if (hasPixels(source)) {
    const { picture: data, transfer } = bytes(source.data, handOver);
    const { width, height } = source;
    return { picture: { data, width, height, channels: "channels" in source ? source.channels : 4 }, transfer };
  }
  if (isA(source, "VideoFrame")) {
    // A second handle of the same frame; the owner closes the first.
    const frame = handOver ? source : (source as unknown as { clone(): unknown }).clone();
    return { picture: frame, transfer: [frame] };
  }
  if (isA(source, "ImageBitmap")) return { picture: source, transfer: handOver ? [source] : [] };
  return drawn(source);
}

/** Copies a view of a larger memory, which would be sent whole. */
function bytes(data: Uint8Array | Uint8ClampedArray, handOver: boolean): Sendable {
  const own = data.byteLength === data.buffer.byteLength ? data : data.slice();
  const isShared = typeof SharedArrayBuffer !== "undefined" && own.buffer instanceof SharedArrayBuffer;
  return { picture: own, transfer: handOver && !isShared ? [own.buffer] : [] };
}

async function drawn(source: unknown): Promise<Sendable> {
  if (
    typeof source !== "object" ||
    source === null ||
    !("width" in source) ||
    typeof createImageBitmap !== "function"
  ) {
    const expected = "a path, a URL, bytes, a Blob, something to draw, or { data, width, height, channels }";
    throw new ImageError({ where: "picture", found: kindOf(source), expected });
  }
  try {
    if ("decode" in source && typeof source.decode === "function") await source.decode();
    const bitmap = await createImageBitmap(source as unknown as ImageBitmapSource);
    return { picture: bitmap, transfer: [bitmap] };
  } catch (cause) {
    const hint = "is it loaded, and does it have a size?";
    const found = `${kindOf(source)} that cannot be drawn (${(cause as Error).message})`;
    throw new ImageError({ where: "picture", found, hint }, { cause });
  }
}

/** Compares the tag: frames of another realm count too, and the host may lack the class. */
export function isA(value: unknown, name: string): boolean {
  return Object.prototype.toString.call(value) === `[object ${name}]`;
}
