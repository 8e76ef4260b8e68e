import { open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { show } from "../show.ts";
import { ReadError } from "./platform.ts";
import { checkLength, chunksOf, RequestWatch } from "./request-watch.ts";
import type { FetchOptions } from "./store.ts";

const ATTEMPTS = 5;
/** Pause before the second attempt, in milliseconds; it doubles each time. */
const FIRST_PAUSE = 250;

/** A temporary failure: the connection broke, or the server was busy. */
class Passing extends Error {}

/**
 * Downloads into a file, and resumes an earlier attempt of this run or another. A file beside the part has the server's
 * tag of the version; a part of an older version starts again.
 * @throws ReadError for a permanent failure, or if all attempts fail
 */
export async function download(url: string, part: string, options: FetchOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptDownload(url, part, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof Passing)) throw error;
      if (attempt === ATTEMPTS) {
        throw new ReadError({ where: url, found: `${error.message}, ${ATTEMPTS} times in a row` }, { cause: error });
      }
      await sleep(FIRST_PAUSE * 2 ** (attempt - 1), undefined, { signal: options.signal });
    }
  }
}

async function attemptDownload(url: string, part: string, options: FetchOptions): Promise<void> {
  const { signal } = options;
  const tagPath = `${part}.tag`;
  const [have, tag] = await Promise.all([sizeOf(part), readFile(tagPath, "utf8").catch(() => "")]);
  const resuming = have > 0 && tag !== "";
  // No compression: a compressed response cannot be resumed, and its length cannot be checked.
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (resuming) Object.assign(headers, { range: `bytes=${have}-`, "if-range": tag });
  const watch = new RequestWatch(url, options, signal);
  try {
    const response = await answer(url, { headers, signal: watch.signal });
    await receive(response, url, part, resuming ? have : 0, watch, options);
  } finally {
    watch.done();
  }
  await rm(tagPath, { force: true });
}

/** Appends a response to the part, after the `have` bytes of earlier attempts. */
async function receive(
  response: Response,
  url: string,
  part: string,
  have: number,
  watch: RequestWatch,
  options: FetchOptions,
): Promise<void> {
  if (response.status === 416) {
    await rm(part, { force: true });
    throw new Passing("the part on disk did not belong to the file");
  }
  if (response.status === 429 || response.status >= 500) throw new Passing(`HTTP status ${response.status}`);
  if (!response.ok) {
    throw new ReadError({ where: url, found: `HTTP status ${response.status} ${response.statusText}`.trimEnd() });
  }
  const start = response.status === 206 ? await startOfRange(response, url, part, have) : 0;
  const length = response.headers.get("content-length");
  const total = length === null ? undefined : start + Number(length);
  checkLength(url, total ?? 0, options);
  await writeFile(`${part}.tag`, response.headers.get("etag") ?? response.headers.get("last-modified") ?? "");
  let received = start;
  const file = await open(part, start > 0 ? "a" : "w");
  try {
    // Chunk by chunk instead of a pipeline, so that received bytes are on disk when the connection breaks.
    for await (const chunk of chunksOf(response, url, watch, options)) {
      await file.writeFile(chunk);
      received += chunk.length;
      checkLength(url, received, options);
      options.onProgress?.({ url, received, total });
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === "write" || error instanceof ReadError) throw error;
    throw new Passing(`the connection broke after ${received} bytes`, { cause: error });
  } finally {
    await file.close();
  }
  if (total !== undefined && received !== total) throw new Passing(`${received} of ${total} bytes came`);
  if (received === 0) throw new ReadError({ where: url, found: "an empty answer" });
}

/** Start of the range that a server sends. @throws ReadError unless it is the requested one */
async function startOfRange(response: Response, url: string, part: string, have: number): Promise<number> {
  const range = response.headers.get("content-range") ?? "";
  const start = /^bytes (\d+)-\d+\/(?:\d+|\*)$/.exec(range)?.[1];
  if (have > 0 && start === String(have)) return have;
  // Otherwise the existing part would be mixed with other bytes.
  await rm(part, { force: true });
  await rm(`${part}.tag`, { force: true });
  const found = `HTTP status 206 with range ${show(range)}`;
  throw new ReadError({ where: url, found, expected: have > 0 ? `the bytes from ${have} on` : "the whole file" });
}

async function answer(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (error instanceof ReadError) throw error;
    const { message, cause } = error as Error;
    throw new Passing(`no answer (${cause instanceof Error ? cause.message : message})`, { cause: error });
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}
