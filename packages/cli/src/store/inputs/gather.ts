import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { OptionError } from "mobilenets";
import { collect } from "../../pictures/collect.ts";
import type { Limits } from "../../pictures/limits.ts";
import { STDIN } from "../../pictures/read-stdin.ts";
import { type Input, walk } from "../../pictures/walk.ts";
import { textOf } from "../../text-of.ts";
import type { Entry } from "../entry.ts";
import { isWholeArchive } from "./archive.ts";
import { isManifest, readList, readManifest } from "./manifest.ts";
import { isS3, listS3 } from "./s3.ts";
import { isTar, tarEntries } from "./tar.ts";

/** The pictures of the arguments. */
export interface Gathered {
  readonly entries: readonly Entry[];
  /** Archives to fetch, or unpack, as a whole: URLs, and paths of `.tar.gz`. */
  readonly archives: readonly string[];
  /** The entries as files and URLs. Undefined if lists or archives are among them. */
  readonly plain: readonly Input[] | undefined;
}

/** Limit of a list on standard input, which is held in memory. */
const MOST_LIST_BYTES = 1e9;
const LOOKED_AT = 4096;

/**
 * Lists the pictures of arguments: files, folders, globs, URLs, lists, tar archives, and prefixes of object stores.
 * @throws OptionError for a malformed list, ReadError for a folder or an archive that cannot be read
 */
export async function gather(inputs: readonly string[], limits: Limits): Promise<Gathered> {
  const entries: Entry[] = [];
  const archives: string[] = [];
  const plain: Input[] = [];
  let isPlain = true;
  const add = async (listed: readonly Entry[]) => {
    isPlain = false;
    for (const entry of listed) {
      if (isWholeArchive(entry.path)) archives.push(entry.path);
      else for (const one of isTar(entry.path) ? await tarEntries(entry.path) : [entry]) entries.push(one);
    }
  };
  // `walk` counts a file once that is named several times.
  const rest = inputs.filter((input) => input !== STDIN && !isS3(input)).flatMap(braces);
  for (const input of await walk(rest)) {
    if (typeof input !== "string") {
      plain.push(input);
      entries.push({ id: input.path, path: input.path, error: input.error.message });
    } else if (isManifest(input)) await add(readManifest(await readText(input), input, dirname(input)));
    else if (isTar(input) || isWholeArchive(input)) await add([{ id: input, path: input }]);
    else {
      plain.push(input);
      entries.push({ id: input, path: input });
    }
  }
  for (const input of inputs.filter(isS3).flatMap(braces)) {
    await add((await listS3(input, limits)).map((path) => ({ id: path, path })));
  }
  if (inputs.includes(STDIN)) await add(readList(await readStdinText(), STDIN, "."));
  return { entries, archives: [...new Set(archives)], plain: isPlain ? plain : undefined };
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

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const found = cause.code === "ENOENT" ? "no such file" : `cannot be read (${cause.message})`;
    throw new OptionError({ where: path, found, expected: "a list of pictures" }, { cause });
  });
  return textOf(bytes, path);
}

async function readStdinText(): Promise<string> {
  if (process.stdin.isTTY) {
    const found = "a terminal on standard input";
    throw new OptionError({
      where: STDIN,
      found,
      expected: "a list of pictures, one a line: < list.txt, or from a pipe",
    });
  }
  const bytes = Buffer.from(await collect(process.stdin, STDIN, MOST_LIST_BYTES));
  // Lists have no zero bytes. Most other files do.
  if (bytes.subarray(0, LOOKED_AT).includes(0)) {
    const expected = "a list of pictures, one a line";
    const hint = "a single picture is for `embed`";
    throw new OptionError({ where: STDIN, found: "no text on standard input", expected, hint });
  }
  return bytes.toString("utf8");
}
