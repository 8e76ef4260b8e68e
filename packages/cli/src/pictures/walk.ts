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

export interface WalkOptions {
  readonly readdir?: Readdir;
  /** Told of files in folders that look like pictures of formats which are not read. Default: a line on stderr. */
  readonly onOthers?: (message: string) => void;
}

/**
 * The files that folders, globs and file names stand for: argument by argument, sorted by name within each (by code
 * unit, so the same on every machine), each file once. Folders give their pictures at any depth, hidden files and
 * folders left out; globs and file names give what they name, as the shell would. URLs and `-`, standard input, are
 * given back as they are, and so is a file that does not exist: to open it fails with a better error than could be had
 * here. A picture whose name is not UTF-8 is given back as a bad one.
 * @throws ReadError for a folder that cannot be read, MachineError where the machine is the reason
 */
export async function walk(inputs: readonly string[], options: WalkOptions = {}): Promise<Input[]> {
  const paths = new Map<string, Input>();
  const others = new OtherFormats();
  for (const input of inputs) {
    for (const path of await expand(input, throwFolder, others, options)) {
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
 * As `walk`, for answers argument by argument: a picture comes as often as it is named, and a folder or glob without
 * pictures is given back itself, to fail when it is opened. So are folders that cannot be read, as bad pictures.
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

/** A picture to open, or what is known to be none before. */
export type Input = string | BadPicture;

/** What an input is called in results. */
export function pathOf(input: Input): string {
  return typeof input === "string" ? input : input.path;
}

function throwFolder({ kind, error }: LeftOut): void {
  if (kind === "folder") throw error;
}

function isOutside(input: string): boolean {
  return input === STDIN || isUrl(input);
}

/** @param refuse throws for what the whole is not to go on without */
async function expand(
  input: string,
  refuse: (left: LeftOut) => void,
  others: OtherFormats,
  { readdir }: WalkOptions,
): Promise<Input[]> {
  if (isOutside(input)) return [input];
  const left: LeftOut[] = [];
  const names = await matches(input, (one) => left.push(one), others, readdir);
  // It is thrown here, as an error within the walk is not caught.
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
  // A name with brackets in it may simply be a name.
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
 * The pictures in a folder at any depth, as paths relative to it, with forward slashes and sorted.
 * @param leaveOut told of folders that cannot be read, and of names that are not UTF-8
 * @param others takes note of files of other formats
 * @throws MachineError
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
