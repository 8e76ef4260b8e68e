import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import zlib from "node:zlib";
import { OptionError, ReadError } from "mobilenets";
import type { Limits } from "../../pictures/limits.ts";
import { streamUrl } from "../../pictures/read-url.ts";
import { type Entry, isRemote } from "../entry.ts";
import { isS3, signedUrl } from "./s3.ts";
import { isGzip, isTar, isZstd, tarEntries } from "./tar.ts";

const OTHERS = /\.(zip|7z|rar|tar\.(bz2|xz|lzma|lz4|z)|tbz2?|txz)$/i;
/** Missing before Node 22.15. */
const { createZstdDecompress } = zlib as { readonly createZstdDecompress?: () => Transform };

/** True for an archive that must be fetched, or unpacked, as a whole. */
export function isWholeArchive(input: string): boolean {
  const path = pathIn(input);
  return isGzip(path) || isZstd(path) || (isRemote(input) && isTar(path));
}

/** @throws OptionError for an archive that no version of Node, or not this one, unpacks */
export function checkArchive(input: string): void {
  const path = pathIn(input);
  const isOld = isZstd(path) && !createZstdDecompress;
  if (!isOld && !OTHERS.test(path)) return;
  const hint = isOld ? "Node 22.15 or later reads it" : "unpack it, and name its folder";
  const found = isOld ? `an archive that Node ${process.version} does not unpack` : "an archive of another kind";
  throw new OptionError({ where: input, found, expected: ".tar, .tar.gz or .tar.zst", hint });
}

function pathIn(input: string): string {
  return isRemote(input) && URL.canParse(input) ? new URL(input).pathname : input;
}

function unpackerOf(path: string): Transform | undefined {
  return isGzip(path) ? zlib.createGunzip() : isZstd(path) ? createZstdDecompress!() : undefined;
}

/**
 * Writes an archive to a file as a plain tar archive, and lists the pictures in it.
 * @param input a URL, or the path of a `.tar.gz` or `.tar.zst`
 * @param path of the file
 * @throws ReadError if it cannot be read, is larger than `maxArchiveBytes`, or is no archive
 */
export async function openArchive(
  input: string,
  path: string,
  limits: Limits & { readonly maxArchiveBytes: number },
): Promise<Entry[]> {
  const { maxArchiveBytes, signal } = limits;
  const source = isRemote(input) ? await remote(input, limits) : createReadStream(input);
  const bound = () => atMost(input, maxArchiveBytes);
  checkArchive(input);
  const unpacker = unpackerOf(pathIn(input));
  const steps = unpacker ? [bound(), unpacker, bound()] : [bound()];
  try {
    await pipeline([source, ...steps, createWriteStream(path)], { signal });
  } catch (cause) {
    await rm(path, { force: true });
    const { code, message } = cause as NodeJS.ErrnoException;
    // A full disk is not the archive's fault.
    if (cause instanceof ReadError || signal?.aborted || code === "ENOSPC" || code === "EDQUOT") throw cause;
    throw new ReadError({ where: input, found: `cannot be read (${message})` }, { cause });
  }
  return tarEntries(path, input);
}

async function remote(input: string, limits: Limits): Promise<Readable> {
  // An archive has no limit for the whole download, only for the time between two pieces.
  const patient = { ...limits, timeout: Number.MAX_SAFE_INTEGER };
  if (!isS3(input)) return streamUrl(input, patient);
  const { url, refuseAddress } = await signedUrl(input, limits);
  return streamUrl(url, { ...patient, refuseAddress }, input);
}

function atMost(where: string, limit: number): Transform {
  let length = 0;
  return new Transform({
    transform(chunk: Uint8Array, _, done) {
      length += chunk.length;
      if (length <= limit) return done(null, chunk);
      const hint = "--max-archive-gb raises the limit";
      done(new ReadError({ where, found: "more bytes", expected: `at most ${limit / 1e9} GB`, hint }));
    },
  });
}
