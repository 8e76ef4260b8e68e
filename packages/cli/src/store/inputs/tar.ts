import { type FileHandle, open } from "node:fs/promises";
import { posix } from "node:path";
import { ReadError } from "mobilenets";
import { Header, Pax } from "tar";
import { isPictureName } from "../../pictures/other-formats.ts";
import { printable } from "../../printable.ts";
import type { Entry } from "../entry.ts";

/** Lists the pictures in a tar archive. */

const BLOCK = 512;
/** Most bytes of a long name, or of a file's attributes. */
const MOST_ATTRIBUTES = 1024 * 1024;

export function isTar(path: string): boolean {
  return /\.tar$/i.test(path);
}

/**
 * Lists the pictures in a tar archive, such as a shard of WebDataset: regular files with a picture's extension, in the
 * archive's order. Reads only the headers.
 * @param archive path of the file
 * @param name of the archive, for people; ids and paths are `name/file`
 * @throws ReadError for a file that is no tar archive, or is cut short
 */
export async function tarEntries(archive: string, name = archive): Promise<Entry[]> {
  const file = await open(archive).catch((cause: NodeJS.ErrnoException) => {
    throw new ReadError({ where: printable(name), found: `cannot be read (${cause.message})` }, { cause });
  });
  try {
    return await readHeaders(file, archive, name);
  } finally {
    await file.close();
  }
}

async function readHeaders(file: FileHandle, archive: string, name: string): Promise<Entry[]> {
  const { size: length } = await file.stat();
  const entries: Entry[] = [];
  let attributes: Pax | undefined;
  let longName: string | undefined;
  let files = 0;
  for (let position = 0; position < length; ) {
    const header = new Header(await read(file, position, BLOCK, name), 0, attributes);
    position += BLOCK;
    // Zeros fill the end.
    if (header.nullBlock) continue;
    if (!header.cksumValid) throw broken(name, position - BLOCK, "no header of a file");
    const size = header.size ?? 0;
    if (position + size > length) throw broken(name, position, "cut short");
    const { type } = header;
    if (type === "ExtendedHeader" || type === "NextFileHasLongPath" || type === "OldExtendedHeader") {
      if (size > MOST_ATTRIBUTES) throw broken(name, position, `${size} bytes of attributes`);
      const text = (await read(file, position, size, name)).toString("utf8");
      if (type === "NextFileHasLongPath") longName = text.replace(/\0.*$/s, "");
      else attributes = Pax.parse(text, attributes);
    } else {
      files++;
      // The header cuts a long name. The attributes have all of it.
      const inside = longName ?? attributes?.path ?? header.path ?? "";
      if (isFile(type) && isPictureName(posix.basename(inside))) {
        const path = `${name}/${inside.replace(/^(\.?\/)+/, "")}`;
        entries.push({ id: path, path, member: { archive, offset: position, size } });
      }
      attributes = undefined;
      longName = undefined;
    }
    position += Math.ceil(size / BLOCK) * BLOCK;
  }
  if (files === 0) throw broken(name, 0, "no files");
  return entries;
}

function isFile(type: string): boolean {
  return type === "File" || type === "OldFile" || type === "ContiguousFile";
}

async function read(file: FileHandle, position: number, length: number, name: string): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  if (bytesRead < length) throw broken(name, position, "cut short");
  return bytes;
}

function broken(name: string, position: number, found: string): ReadError {
  return new ReadError({
    where: printable(name),
    found: `${found} at byte ${position}`,
    expected: "a tar archive",
    hint: "is the file whole? Compressed ones end in .tar.gz or .tgz",
  });
}
