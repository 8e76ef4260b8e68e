import { stat } from "node:fs/promises";
import { isAbsolute, posix, resolve } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { diagnostic } from "../output.ts";
import { throwMachineFailure } from "./machine-error.ts";
import type { BadPicture } from "./open.ts";
import { decoded, isPictureName, OtherFormats } from "./other-formats.ts";
import { STDIN } from "./read-stdin.ts";
import { isUrl } from "./read-url.ts";
import { type LeftOut, type Readdir, watchedFolders } from "./watched-folders.ts";

/** Options of a walk, which lists the pictures of files, folders and globs. */
export interface WalkOptions {
  readonly readdir?: Readdir;
  /** Called for files in folders with unsupported picture formats. Default: prints a line on stderr. */
  readonly onOthers?: (message: string) => void;
  /** Called for a folder or glob without pictures. */
  readonly onEmpty?: (input: string) => void;
}

/**
 * Lists the files of folders, globs and file names. The order is that of the arguments, then of the names by code unit,
 * the same on every machine. Each file comes once. Folders give their pictures at any depth, without hidden files and
 * folders. Globs and file names give the files they name, as in a shell. URLs, `-` for standard input, and missing
 * files are returned as they are: opening a missing file gives a better error. A picture with a name that is not UTF-8
 * is returned as a bad picture.
 * @throws ReadError for an unreadable folder, MachineError if the machine is the reason
 */
export async function walk(inputs: readonly string[], options: WalkOptions = {}): Promise<Input[]> {
  const paths = new Map<string, Input>();
  const others = new OtherFormats();
  for (const input of inputs) {
    const found = await expand(input, throwFolder, others, options);
    if (found.length === 0) options.onEmpty?.(input);
    for (const path of found) {
      if (typeof path !== "string") {
        paths.set(path.path, path);
        continue;
      }
      const identity = isOutside(path) ? path : resolve(path);
      if (!paths.has(identity)) paths.set(identity, path);
    }
  }
  tell(others, options);
  return [...paths.values()];
}

/**
 * Like `walk`, for one answer per argument. A picture comes as often as it is named. A folder or glob without pictures
 * is returned itself, and fails when it is opened. Unreadable folders are returned as bad pictures.
 */
export async function walkEach(inputs: readonly string[], options: WalkOptions = {}): Promise<Input[]> {
  const paths: Input[] = [];
  const others = new OtherFormats();
  for (const input of inputs) {
    const found = await expand(input, () => {}, others, options);
    for (const path of found.length > 0 ? found : [input]) paths.push(path);
  }
  tell(others, options);
  return paths;
}

function tell({ message }: OtherFormats, { onOthers = (text) => diagnostic(`warning: ${text}`) }: WalkOptions): void {
  if (message !== undefined) onOthers(message);
}

/** A picture to open, or one already known to be bad. */
export type Input = string | BadPicture;

/** The name of an input in results. */
export function pathOf(input: Input): string {
  return typeof input === "string" ? input : input.path;
}

function throwFolder({ kind, error }: LeftOut): void {
  if (kind === "folder") throw error;
}

/** True for standard input and addresses, which no folder holds. */
export function isOutside(input: string): boolean {
  return input === STDIN || isUrl(input);
}

/** @param refuse throws for files and folders that must not be left out */
async function expand(
  input: string,
  refuse: (left: LeftOut) => void,
  others: OtherFormats,
  { readdir }: WalkOptions,
): Promise<Input[]> {
  if (isOutside(input)) return [input];
  const left: LeftOut[] = [];
  const names = await matches(input, (one) => left.push(one), others, readdir);
  // The walk does not catch errors of its callbacks, so they are thrown here.
  for (const one of left) refuse(one);
  return [...names, ...left.map(badPicture).sort((a, b) => (a.path < b.path ? -1 : 1))];
}

function badPicture({ path, error: { name, message } }: LeftOut): BadPicture {
  return { path, error: { name, message } };
}

async function matches(
  input: string,
  leaveOut: (left: LeftOut) => void,
  others: OtherFormats,
  readdir?: Readdir,
): Promise<string[]> {
  const stats = await stat(input).catch(() => undefined);
  if (stats?.isDirectory()) return picturesIn(input, leaveOut, others, readdir);
  // A file's name may contain brackets.
  if (stats || !isDynamicPattern(input)) return [input];
  const options = { absolute: isAbsolute(input), onlyFiles: false, expandDirectories: false };
  const left: LeftOut[] = [];
  const fs = watchedFolders(isPictureName, (one) => left.push(one), readdir);
  const found = await glob(input, { ...options, fs });
  for (const one of left) throwMachineFailure(one.path, one.error);
  for (const one of left) leaveOut(one);
  const expanded: string[] = [];
  for (const match of found.sort()) {
    const paths = match.endsWith("/") ? await picturesIn(match, leaveOut, others, readdir) : [match];
    for (const path of paths) expanded.push(path);
  }
  return expanded;
}

async function picturesIn(
  folder: string,
  leaveOut: (left: LeftOut) => void,
  others: OtherFormats,
  readdir?: Readdir,
): Promise<string[]> {
  return (await pictureNames(folder, leaveOut, others, readdir)).map((name) => posix.join(folder, name));
}

/**
 * Lists the pictures in a folder at any depth, as sorted relative paths with forward slashes.
 * @param leaveOut called for unreadable folders, and for names that are not UTF-8
 * @param others records files of other formats
 * @throws MachineError if the machine is the reason for an unreadable folder
 */
export async function pictureNames(
  folder: string,
  leaveOut: (left: LeftOut) => void,
  others: OtherFormats,
  readdir?: Readdir,
): Promise<string[]> {
  const left: LeftOut[] = [];
  const see = (path: string, name: string) => others.see(path, name);
  const fs = watchedFolders(isPictureName, (one) => left.push(one), readdir, see);
  const names = await glob(`**/*.{${decoded.join(",")}}`, { cwd: folder, caseSensitiveMatch: false, fs });
  for (const one of left) throwMachineFailure(one.path, one.error);
  for (const one of left) leaveOut(one);
  return names.sort();
}
