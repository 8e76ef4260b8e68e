import { access, readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { gunzipSync } from "node:zlib";
import { OptionError, ReadError } from "mobilenets";
import { diagnostic } from "../../output.ts";
import { collect } from "../../pictures/collect.ts";
import type { Limits } from "../../pictures/limits.ts";
import { MemoryBudget } from "../../pictures/memory-budget.ts";
import { isPictureName } from "../../pictures/other-formats.ts";
import { STDIN } from "../../pictures/read-stdin.ts";
import { readUrl } from "../../pictures/read-url.ts";
import { type Input, walk } from "../../pictures/walk.ts";
import { printable } from "../../printable.ts";
import { textOf } from "../../text-of.ts";
import { type Entry, isRemote } from "../entry.ts";
import { checkArchive, isWholeArchive } from "./archive.ts";
import { isManifest, readList, readManifest } from "./manifest.ts";
import { placeOf } from "./place.ts";
import { isS3, listS3, readS3 } from "./s3.ts";
import { isTar, tarEntries } from "./tar.ts";

/** The pictures of the arguments. */
export interface Gathered {
  readonly entries: readonly Entry[];
  /** Archives to fetch, or unpack, as a whole: URLs, and paths of `.tar.gz`. */
  readonly archives: readonly string[];
  /** The entries as files and URLs. Undefined if lists or archives are among them. */
  readonly plain: readonly Input[] | undefined;
  /** Arguments without any picture: empty or missing folders, globs, lists and prefixes. */
  readonly empty: readonly string[];
}

/** Limit of a list, which is held in memory. */
const MOST_LIST_BYTES = 1e9;

/**
 * Lists the pictures of arguments: files, folders, globs, URLs, lists, tar archives, and prefixes of object stores.
 * @throws OptionError for a malformed list, ReadError for a folder or an archive that cannot be read
 */
export async function gather(inputs: readonly string[], limits: Limits): Promise<Gathered> {
  const entries: Entry[] = [];
  const archives: string[] = [];
  const plain: Input[] = [];
  const empty: string[] = [];
  const onEmpty = (input: string) => empty.push(input);
  const onOthers = (message: string) => {
    diagnostic(`warning: ${message}${/\.(tar|tgz)\b/.test(message) ? "; archives are read if you name them" : ""}`);
  };
  let isPlain = true;
  const add = async (input: string, listed: readonly Entry[]) => {
    isPlain = false;
    if (listed.length === 0) onEmpty(input);
    for (const entry of listed) {
      if (isWholeArchive(entry.path)) archives.push(await checkThere(entry.path));
      else for (const one of isTar(entry.path) ? await tarEntries(entry.path) : [entry]) entries.push(one);
    }
  };
  const expanded = await Promise.all(inputs.map(async (input) => ((await exists(input)) ? [input] : braces(input))));
  const places = expanded.flat().map((input) => (input === STDIN ? input : placeOf(input, input)));
  for (const place of places) checkArchive(place);
  // `walk` counts a file once that is named several times.
  const rest = places.filter((input) => input !== STDIN && !isS3(input));
  for (const input of await walk(rest, { onEmpty, onOthers })) {
    if (typeof input !== "string") {
      plain.push(input);
      entries.push({ id: input.path, path: input.path, error: input.error.message });
    } else if (isManifest(input)) await add(input, await readManifestAt(input, limits));
    else if (isTar(input) || isWholeArchive(input)) await add(input, [{ id: input, path: input }]);
    else {
      plain.push(input);
      entries.push({ id: input, path: input });
      // A missing file with another name may have been a folder.
      if (!isRemote(input) && !isPictureName(basename(input)) && !(await exists(input))) onEmpty(input);
    }
  }
  for (const input of places.filter(isS3)) {
    if (isManifest(input)) await add(input, await readManifestAt(input, limits));
    else
      await add(
        input,
        (await listS3(input, limits)).map((path) => ({ id: path, path })),
      );
  }
  if (inputs.includes(STDIN)) await add(STDIN, readList(await readStdinText(), STDIN, "."));
  checkIds(entries);
  return { entries, archives: [...new Set(archives)], plain: isPlain ? plain : undefined, empty };
}

/**
 * Checks that every argument has pictures. An unmounted disk must not remove its rows.
 * @throws OptionError naming the first without
 */
export function checkPrunable({ empty }: Pick<Gathered, "empty">): void {
  if (empty.length === 0) return;
  const found = `no pictures in ${printable(empty[0])}`;
  const hint = "is its disk there? Leave it out of the arguments to remove its rows";
  throw new OptionError({ where: "--prune", found, expected: "pictures in each argument", hint });
}

/** Expands `shard-{000..041}.tar`, as WebDataset names archives. Numbers keep their width. */
export function braces(input: string): string[] {
  const [whole, from, to] = /\{(\d+)\.\.(\d+)\}/.exec(input) ?? [];
  if (whole === undefined) return [input];
  const [first, last] = [Number(from), Number(to)];
  if (last < first || last - first >= 1e6) {
    throw new OptionError({ where: input, found: `a row ${whole}`, expected: "from the smaller to the larger number" });
  }
  return Array.from({ length: last - first + 1 }, (_, i) =>
    input.replace(whole, String(first + i).padStart(from.length, "0")),
  ).flatMap(braces);
}

/** @throws OptionError for two pictures with one id: the store would have only one of them */
function checkIds(entries: readonly Entry[]): void {
  // Most lists have no ids of their own, and need no memory for the check.
  if (entries.every(({ id, path }) => id === path)) return;
  const paths = new Map<string, string>();
  for (const { id, path } of entries) {
    const other = paths.get(id);
    if (other !== undefined && other !== path) {
      const expected = "an id of its own for each picture";
      const hint = "rename the column id, and the paths are the ids";
      const found = `two pictures, ${printable(other)} and ${printable(path)}`;
      throw new OptionError({ where: `id ${JSON.stringify(id)}`, found, expected, hint });
    }
    paths.set(id, path);
  }
}

async function readManifestAt(input: string, limits: Limits): Promise<Entry[]> {
  const bytes = isRemote(input) ? await fetchList(input, limits) : await readFileOf(input);
  const text = textOf(/\.gz([?#]|$)/i.test(input) ? unpacked(bytes, input) : bytes, input);
  return readManifest(text, input, isRemote(input) ? input : dirname(input));
}

function fetchList(input: string, limits: Limits): Promise<Uint8Array> {
  const share = new MemoryBudget(Number.POSITIVE_INFINITY).open();
  const patient = { ...limits, maxBytes: MOST_LIST_BYTES };
  return isS3(input) ? readS3(input, patient, share) : readUrl(input, patient, share);
}

function unpacked(bytes: Uint8Array, where: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_LIST_BYTES });
  } catch (cause) {
    throw new OptionError({ where, found: `not unpacked (${(cause as Error).message})` }, { cause });
  }
}

async function readFileOf(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const found = cause.code === "ENOENT" ? "no such file" : `cannot be read (${cause.message})`;
    throw new OptionError({ where: path, found, expected: "a list of pictures" }, { cause });
  });
}

/** @throws OptionError if standard input is a terminal, or no text */
export async function readStdinText(): Promise<string> {
  if (process.stdin.isTTY) {
    const found = "a terminal on standard input";
    throw new OptionError({
      where: STDIN,
      found,
      expected: "a list of pictures, one a line: < list.txt, or from a pipe",
    });
  }
  const bytes = await collect(process.stdin, STDIN, MOST_LIST_BYTES);
  // Pictures are no text of any encoding. Lists may have zero bytes at the ends of lines.
  try {
    return textOf(bytes, STDIN);
  } catch (cause) {
    const expected = "a list of pictures, one a line";
    const hint = "a single picture is for `embed`";
    throw new OptionError({ where: STDIN, found: "no text on standard input", expected, hint }, { cause });
  }
}

/** @throws ReadError for an archive that is not there, as for a plain one. Its rows must not give way to an error. */
async function checkThere(archive: string): Promise<string> {
  checkArchive(archive);
  if (isRemote(archive) || (await exists(archive))) return archive;
  throw new ReadError({ where: archive, found: "no such file", expected: "a tar archive" });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
