import { type FileHandle, open } from "node:fs/promises";
import { posix } from "node:path";
import { ReadError } from "mobilenets";
import { Header, Pax } from "tar";
import { isPictureName } from "../../pictures/other-formats.ts";
import { printable } from "../../printable.ts";
import type { Entry, Member } from "../entry.ts";

/** Lists the pictures in a tar archive. */

const BLOCK = 512;
/** Most bytes of a long name, or of a file's attributes. */
const MOST_ATTRIBUTES = 1024 * 1024;

const MOST_LINKS = 40;
const ATTRIBUTES = ["ExtendedHeader", "OldExtendedHeader", "NextFileHasLongPath", "NextFileHasLongLinkpath"];

/** A link to another member. */
interface Link {
  readonly target: string;
}

export function isTar(path: string): boolean {
  return /\.tar$/i.test(path);
}

export function isGzip(path: string): boolean {
  return /\.(tar\.gz|tgz)$/i.test(path);
}

export function isZstd(path: string): boolean {
  return /\.(tar\.zst|tzst)$/i.test(path);
}

/**
 * Lists the pictures in a tar archive, such as a shard of WebDataset: files with a picture's extension, and links to
 * files of the archive. Of several with one name, the last counts, as for `tar -x`. Reads only the headers.
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
  const members = new Map<string, Member | Link>();
  let attributes: Pax | undefined;
  let longName: string | undefined;
  let longTarget: string | undefined;
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
    if (ATTRIBUTES.includes(type)) {
      if (size > MOST_ATTRIBUTES) throw broken(name, position, `${size} bytes of attributes`);
      const text = (await read(file, position, size, name)).toString("utf8");
      if (type === "NextFileHasLongPath") longName = text.replace(/\0.*$/s, "");
      else if (type === "NextFileHasLongLinkpath") longTarget = text.replace(/\0.*$/s, "");
      else attributes = Pax.parse(text, attributes);
    } else {
      files++;
      // The header cuts a long name. The attributes have all of it.
      const inside = clean(longName ?? attributes?.path ?? header.path ?? "");
      const target = longTarget ?? attributes?.linkpath ?? header.linkpath ?? "";
      if (isFile(type)) members.set(inside, { archive, offset: position, size });
      else if (type === "Link") members.set(inside, { target: clean(target) });
      else if (type === "SymbolicLink") members.set(inside, { target: beside(inside, target) });
      attributes = undefined;
      longName = undefined;
      longTarget = undefined;
    }
    position += Math.ceil(size / BLOCK) * BLOCK;
  }
  if (files === 0) throw broken(name, 0, "no files");
  const pictures = [...members.keys()].filter((inside) => isPictureName(posix.basename(inside)));
  return pictures.map((inside) => entryOf(`${name}/${inside}`, follow(inside, members)));
}

function clean(path: string): string {
  return path.replace(/^(\.?\/)+/, "");
}

/** The target of a symbolic link as a name in the archive. An absolute one is none. */
function beside(path: string, target: string): string {
  return posix.isAbsolute(target) ? target : posix.join(posix.dirname(path), target);
}

/** Follows links to the file. */
function follow(path: string, members: ReadonlyMap<string, Member | Link>): Member | Link {
  let last: Member | Link = { target: path };
  // More are a circle.
  for (let links = 0; links < MOST_LINKS && "target" in last; links++) {
    const next = members.get(last.target);
    if (!next) break;
    last = next;
  }
  return last;
}

function entryOf(path: string, found: Member | Link): Entry {
  if ("archive" in found) return { id: path, path, member: found };
  const { message } = new ReadError({ where: path, found: `a link to ${found.target}, which is not in the archive` });
  return { id: path, path, error: message };
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
