import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ReadError } from "./platform.ts";
import { checkLength, joinChunks, type ReadLimits } from "./request-watch.ts";

/**
 * Temporary failures of the machine, not of the file: too many open files, no memory, a disk error.
 */
const PASSING: readonly (string | undefined)[] = ["EMFILE", "ENFILE", "ENOMEM", "EIO", "EAGAIN"];
const NO_MEMORY = /out of memory|cannot allocate|unable to (?:allocate|create thread)/i;
const ATTEMPTS = 6;
/** Pause before the second attempt, in milliseconds; it doubles each time. */
const FIRST_PAUSE = 20;

/**
 * Reads a regular file.
 * @throws ReadError for a file that is missing, longer than the limit, or not regular: a folder, a device, a FIFO
 */
export async function readRegularFile(path: string, limits: ReadLimits = {}): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readOnce(path, limits);
    } catch (error) {
      if (error instanceof ReadError) throw error;
      const failure = error as NodeJS.ErrnoException;
      if (!PASSING.includes(failure.code) || attempt === ATTEMPTS) throw unreadable(path, failure);
      await sleep(FIRST_PAUSE * 2 ** (attempt - 1));
    }
  }
}

/** Whether an error is a failure of the machine, not of the file. */
export function isMachineFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Decoders have only a message.
  const { code, message } = error as NodeJS.ErrnoException;
  return PASSING.includes(code) || NO_MEMORY.test(message) || isMachineFailure(error.cause);
}

async function readOnce(path: string, limits: ReadLimits): Promise<Uint8Array> {
  // Non-blocking: opening a FIFO would otherwise wait until a program writes to it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile())
      throw new ReadError({ where: resolve(path), found: kindOf(stats), expected: "a regular file" });
    checkLength(resolve(path), stats.size, limits);
    return await readAll(file, stats.size, path, limits);
  } finally {
    await file.close();
  }
}

const CHUNK = 2 ** 16;
/** Extra bytes to read, which show whether a file is longer than its reported size. */
const PROBE = 2 ** 10;

/** Reads beyond the reported size: a file may grow meanwhile, and files in `/proc` have content but no size. */
async function readAll(file: FileHandle, size: number, path: string, limits: ReadLimits): Promise<Uint8Array> {
  const whole = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(whole, length, size - length, length);
    if (bytesRead === 0) return whole.subarray(0, length);
    length += bytesRead;
  }
  const more: Uint8Array[] = [];
  for (;;) {
    const room = size > 0 && more.length === 0 ? PROBE : CHUNK;
    const { bytesRead, buffer } = await file.read(new Uint8Array(room), 0, room, length);
    if (bytesRead === 0) return more.length === 0 ? whole : joinChunks([whole, ...more]);
    length += bytesRead;
    checkLength(resolve(path), length, limits);
    more.push(buffer.subarray(0, bytesRead));
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a named pipe (FIFO)";
  return stats.isSocket() ? "a socket" : "a device";
}

export function unreadable(path: string, error: Error & { readonly code?: string }): ReadError {
  const where = resolve(path);
  if (error.code === "ENOENT") return new ReadError({ where, found: "no such file" }, { cause: error });
  // Sockets cannot be opened at all.
  if (error.code === "ENXIO")
    return new ReadError({ where, found: "a socket", expected: "a regular file" }, { cause: error });
  return new ReadError({ where, found: `cannot be read (${error.message})` }, { cause: error });
}
