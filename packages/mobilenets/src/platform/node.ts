import { realpath } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ImageError } from "../errors.ts";
import type { Picture } from "../image/picture.ts";
import { fetchBytes } from "./fetch-bytes.ts";
import { peerError } from "./peer.ts";
import { formatOf, isPrint, PICTURE_FORMATS } from "./picture-format.ts";
import {
  type Decodable,
  limitOf,
  nameOf,
  noPicture,
  type Platform,
  pictureLimits,
  ReadError,
  tooLarge,
  WEIGHTS_PACKAGE,
} from "./platform.ts";
import { readRegularFile, unreadable } from "./read-file-node.ts";
import type { ReadLimits } from "./request-watch.ts";

export const isLocal: Platform["isLocal"] = (pathOrUrl) => !/^(https?|data):/.test(pathOrUrl);

export const readBytes: Platform["readBytes"] = async (pathOrUrl, limits) =>
  isLocal(pathOrUrl) ? readRegularFile(pathOf(pathOrUrl), limits) : fetchBytes(pathOrUrl, limits);

export const readCompanion: Platform["readCompanion"] = async (pathOrUrl, file, limits) => {
  if (isLocal(pathOrUrl)) await checkLinks(pathOf(pathOrUrl), pathOf(file));
  return readBytes(pathOrUrl, limits);
};

/**
 * Checks that a companion does not lead out of the model's folder. If the model is a link, its companions may be links to
 * the same folder, as in the cache of Python's huggingface_hub.
 */
async function checkLinks(companion: string, file: string): Promise<void> {
  try {
    const [real, folder, model] = await Promise.all([realpath(companion), realpath(dirname(file)), realpath(file)]);
    if ([folder, dirname(model)].some((root) => real.startsWith(root.endsWith(sep) ? root : root + sep))) return;
  } catch (error) {
    throw unreadable(companion, error as NodeJS.ErrnoException);
  }
  const found = "a link that leads out of the model's folder";
  throw new ReadError({ where: resolve(companion), found, hint: "put the file itself beside the model" });
}

function pathOf(pathOrUrl: string): string {
  return pathOrUrl.startsWith("file:") ? fileURLToPath(pathOrUrl) : pathOrUrl;
}

export const decode: Platform["decode"] = async (source, options) => {
  const limit = limitOf(options);
  const bytes = await bytesOf(source, pictureLimits(options));
  const where = nameOf(source);
  const format = formatOf(bytes);
  if (format === "bmp") return (await unusual()).bmp(bytes, where, limit);
  if (format === "heic") return (await unusual()).heic(bytes, where, limit);
  const sharp = await loadSharp();
  if (format === undefined) {
    const found = bytes.length === 0 ? "an empty file" : "content of an unknown format";
    throw new ImageError({ where, found, expected: PICTURE_FORMATS });
  }
  // "error" also refuses truncated files, but accepts those that decoders only warn of, e.g. stray bytes between segments.
  const input = { failOn: "error", limitInputPixels: limit === Infinity ? false : limit } as const;
  try {
    const upright = sharp(bytes, input).rotate();
    if (format === "jpeg" && isPrint(bytes)) return await (await unusual()).cmyk(upright);
    if (format === "tiff") {
      const { space, depth } = await sharp(bytes, { limitInputPixels: false }).metadata();
      if (space === "cmyk") return await (await unusual()).cmyk(upright);
      if (depth === "float" || depth === "double") return await (await unusual()).floats(upright, space!, where);
    }
    const { data, info } = await upright
      .flatten({ background: "white" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const { buffer, byteOffset, byteLength } = data;
    const { width, height } = info;
    return { data: new Uint8Array(buffer, byteOffset, byteLength), width, height, channels: 3 } satisfies Picture;
  } catch (error) {
    if (error instanceof ImageError) throw error;
    const { message } = error as Error;
    if (message.includes("exceeds pixel limit")) {
      const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
      throw tooLarge(where, width, height, limit);
    }
    if (format === "tiff") (await unusual()).checkColours(bytes, where, error);
    throw undecodable(where, message, error);
  }
};

export const packagedWeights: Platform["packagedWeights"] = async () => {
  try {
    // Bundlers for servers leave this import to Node, so that the file stays in its package. The name is a literal: the
    // compiler wraps an expression in a call, in which bundlers do not see the comments.
    return (
      await import(
        /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ "@mobilenets/weights-imagenet"
      )
    ).default;
  } catch (cause) {
    throw peerError(WEIGHTS_PACKAGE, "have ImageNet weights at hand", cause);
  }
};

async function bytesOf(source: Decodable, limits: ReadLimits): Promise<Uint8Array> {
  if (typeof source === "string") return readBytes(source, limits);
  if (source instanceof URL) return readBytes(source.href, limits);
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  throw noPicture(source, "a path, a URL, bytes, a Blob, or { data, width, height, channels }");
}

/** Decoders that only some pictures need. */
const unusual = () => import("./unusual-pictures.ts");

/** Only callers that decode files need sharp: it is an optional peer dependency, loaded at first use. */
async function loadSharp() {
  try {
    return (await import("sharp")).default;
  } catch (cause) {
    throw peerError("sharp", "decode pictures in Node", cause, ImageError);
  }
}

function undecodable(where: string, message: string, cause: unknown): ImageError {
  if (message.includes("unsupported image format")) {
    return new ImageError({ where, found: "content of an unknown format", expected: PICTURE_FORMATS }, { cause });
  }
  // libvips has one message buffer for all threads: with several decodes in progress, the text may be another picture's,
  // or missing. It is only in `cause`, and our message is always the same.
  const hint = "is the file damaged or cut short?";
  return new ImageError({ where, found: "cannot be decoded", hint }, { cause });
}
