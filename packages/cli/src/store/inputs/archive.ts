import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { ReadError } from "mobilenets";
import type { Limits } from "../../pictures/limits.ts";
import { streamUrl } from "../../pictures/read-url.ts";
import { type Entry, isRemote } from "../entry.ts";
import { isS3, signedUrl } from "./s3.ts";
import { isTar, tarEntries } from "./tar.ts";

const ZIPPED = /\.(tar\.gz|tgz)$/i;

/** True for an archive that must be fetched, or unpacked, as a whole. */
export function isWholeArchive(input: string): boolean {
  const { pathname } = isRemote(input) && URL.canParse(input) ? new URL(input) : { pathname: input };
  return ZIPPED.test(pathname) || (isRemote(input) && isTar(pathname));
}

/**
 * Writes an archive to a file as a plain tar archive, and lists the pictures in it.
 * @param input a URL, or the path of a `.tar.gz`
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
  const name = isRemote(input) && URL.canParse(input) ? new URL(input).pathname : input;
  const steps = ZIPPED.test(name) ? [bound(), createGunzip(), bound()] : [bound()];
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
