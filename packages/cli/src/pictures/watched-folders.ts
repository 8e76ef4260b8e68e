import { type Dirent, readdir as nodeReaddir, realpath, stat } from "node:fs";
import { join } from "node:path";
import { ReadError } from "mobilenets";
import { isMachineFailure } from "mobilenets/store";
import type { GlobOptions } from "tinyglobby";

/** Reports folders and names that a walk cannot read. */

/** The part of Node's `readdir` that a walk uses. */
export type Readdir = (
  path: string,
  options: { readonly withFileTypes: true; readonly encoding: "buffer" },
  callback: (error: NodeJS.ErrnoException | null, entries: Dirent<Buffer>[]) => void,
) => void;

/** A folder that a walk could not read, or a file or folder with a name that is not UTF-8. */
export interface LeftOut {
  /** As text. Bytes that are not UTF-8 are written as `\xe9`. */
  readonly path: string;
  readonly kind: "folder" | "name";
  readonly error: ReadError;
}

const ATTEMPTS = 6;
/** Pause before the second attempt, in milliseconds. It doubles each time. */
const FIRST_PAUSE = 20;

/**
 * A file system for `tinyglobby` that reports unreadable folders and names that are not UTF-8. By itself, `tinyglobby`
 * leaves out the folders silently, and returns names that do not exist.
 * @param matters true for the names of files to report; folders are always reported
 * @param see called for every file, with its folder
 */
export function watchedFolders(
  matters: (name: string) => boolean,
  leaveOut: (left: LeftOut) => void,
  readdir: Readdir = nodeReaddir as Readdir,
  see: (folder: string, name: string) => void = () => {},
): NonNullable<GlobOptions["fs"]> {
  const read = (path: string, _options: unknown, callback: Parameters<Readdir>[2], attempt = 1): void =>
    readdir(path, { withFileTypes: true, encoding: "buffer" }, (error, entries) => {
      if (error && isMachineFailure(error) && attempt < ATTEMPTS) {
        setTimeout(() => read(path, _options, callback, attempt + 1), FIRST_PAUSE * 2 ** (attempt - 1));
        return;
      }
      if (error) leaveOut(unreadable(path, error));
      callback(error, error ? [] : entries.filter((entry) => decode(entry, path)));
    });
  /** Decodes the entry's name. Returns false if the name is not UTF-8. */
  const decode = (entry: Dirent<Buffer>, folder: string): boolean => {
    const bytes = entry.name;
    const name = bytes.toString("utf8");
    (entry as unknown as { name: string }).name = name;
    if (!name.includes("\ufffd") || Buffer.from(name).equals(bytes)) {
      if (!entry.isDirectory()) see(folder.replace(/\/+$/, ""), name);
      return true;
    }
    if (!name.startsWith(".") && (entry.isDirectory() || matters(name))) leaveOut(notText(folder, bytes));
    return false;
  };
  // These two resolve links.
  const watched =
    <T>(work: (path: string, callback: (error: NodeJS.ErrnoException | null, value: T) => void) => void) =>
    (path: string, callback: (error: NodeJS.ErrnoException | null, value: T) => void) =>
      work(path, (error, value) => {
        if (error && !["ENOENT", "ENOTDIR", "ELOOP"].includes(error.code ?? "")) leaveOut(unreadable(path, error));
        callback(error, value);
      });
  return {
    readdir: read,
    realpath: watched(realpath),
    stat: watched(stat),
  } as unknown as NonNullable<GlobOptions["fs"]>;
}

export function unreadable(path: string, cause: NodeJS.ErrnoException): LeftOut {
  const where = path.replace(/(?<=.)\/$/, "");
  const found = `a folder that cannot be read (${cause.message})`;
  const hint = "make it readable, or leave it out";
  return { path: where, kind: "folder", error: new ReadError({ where, found, hint }, { cause }) };
}

function notText(folder: string, name: Buffer): LeftOut {
  const path = join(folder, spelt(name));
  const found = "a name that is not UTF-8";
  const error = new ReadError({ where: path, found, expected: "UTF-8", hint: "rename it (convmv renames many)" });
  return { path, kind: "name", error };
}

/** Writes out the bytes that are not UTF-8: `caf\xe9.jpg`. */
function spelt(name: Buffer): string {
  let text = "";
  for (let i = 0; i < name.length; ) {
    const length = [1, 2, 3, 4].find((n) => {
      const part = name.subarray(i, i + n);
      const character = part.toString("utf8");
      return [...character].length === 1 && Buffer.from(character).equals(part);
    });
    text += length ? name.toString("utf8", i, i + length) : `\\x${name[i]!.toString(16).padStart(2, "0")}`;
    i += length ?? 1;
  }
  return text;
}
