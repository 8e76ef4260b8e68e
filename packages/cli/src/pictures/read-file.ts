import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { ReadError } from "mobilenets";

/**
 * The content of a regular file. Others are refused before they are opened or read: a named pipe would wait for ever,
 * `/dev/zero` has no end.
 * @throws ReadError naming the file by its full path
 */
export async function readFile(path: string): Promise<Uint8Array> {
  const where = resolve(path);
  let file: FileHandle | undefined;
  try {
    checkRegular(await stat(where), where);
    // Should it have become a pipe meanwhile, opening it does not wait.
    file = await open(where, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    checkRegular(await file.stat(), where);
    return await file.readFile();
  } catch (error) {
    if (error instanceof ReadError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const found = code === "ENOENT" ? "no such file" : `cannot be read (${message})`;
    throw new ReadError({ where, found }, { cause: error });
  } finally {
    await file?.close();
  }
}

type Stats = Awaited<ReturnType<typeof stat>>;

function checkRegular(stats: Stats, where: string): void {
  if (stats.isFile()) return;
  // Folders have been searched by now.
  if (stats.isDirectory()) throw new ReadError({ where, found: "a folder without pictures" });
  const hint = "`-` reads a picture from standard input";
  throw new ReadError({ where, found: kindOf(stats), expected: "a regular file", hint });
}

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return "a named pipe (FIFO)";
  if (stats.isSocket()) return "a socket";
  return stats.isBlockDevice() ? "a block device" : "a device";
}
