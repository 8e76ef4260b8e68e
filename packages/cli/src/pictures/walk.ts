import { stat } from "node:fs/promises";
import { isAbsolute, posix, resolve } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { STDIN } from "./read-stdin.ts";
import { isUrl } from "./read-url.ts";

/** What is taken for a picture inside a folder, by the name alone. */
const extensions = ["jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "avif", "tif", "tiff"];

/** Whether a file is taken for a picture inside a folder. */
export function isPictureName(name: string): boolean {
  return !name.startsWith(".") && extensions.some((extension) => name.toLowerCase().endsWith(`.${extension}`));
}

/**
 * The files that folders, globs and file names stand for: argument by argument, sorted by name within each (by code
 * unit, so the same on every machine), each file once. Folders give their pictures at any depth, hidden files and
 * folders left out; globs and file names give what they name, as the shell would. URLs and `-`, standard input, are
 * given back as they are, and so is a file that does not exist: to open it fails with a better error than could be had
 * here.
 */
export async function walk(inputs: readonly string[]): Promise<string[]> {
  const paths = new Map<string, string>();
  for (const input of inputs) {
    for (const path of await expand(input)) {
      const identity = isOutside(path) ? path : resolve(path);
      if (!paths.has(identity)) paths.set(identity, path);
    }
  }
  return [...paths.values()];
}

/**
 * As `walk`, for answers argument by argument: a picture comes as often as it is named, and a folder or glob without
 * pictures is given back itself, to fail when it is opened.
 */
export async function walkEach(inputs: readonly string[]): Promise<string[]> {
  const paths: string[] = [];
  for (const input of inputs) {
    const found = await expand(input);
    for (const path of found.length > 0 ? found : [input]) paths.push(path);
  }
  return paths;
}

function isOutside(input: string): boolean {
  return input === STDIN || isUrl(input);
}

async function expand(input: string): Promise<string[]> {
  if (isOutside(input)) return [input];
  const stats = await stat(input).catch(() => undefined);
  if (stats?.isDirectory()) return picturesIn(input);
  // A name with brackets in it may simply be a name.
  if (stats || !isDynamicPattern(input)) return [input];
  const matches = await glob(input, { absolute: isAbsolute(input), onlyFiles: false, expandDirectories: false });
  const expanded = await Promise.all(
    matches.sort().map((match) => (match.endsWith("/") ? picturesIn(match) : [match])),
  );
  return expanded.flat();
}

async function picturesIn(folder: string): Promise<string[]> {
  return (await pictureNames(folder)).map((name) => posix.join(folder, name));
}

/** The pictures in a folder at any depth, as paths relative to it, with forward slashes and sorted. */
export async function pictureNames(folder: string): Promise<string[]> {
  const names = await glob(`**/*.{${extensions.join(",")}}`, { cwd: folder, caseSensitiveMatch: false });
  return names.sort();
}
