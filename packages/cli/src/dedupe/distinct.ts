import type { BigIntStats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { mapAhead } from "../pictures/map-ahead.ts";

/** Finds the names that stand for one file: a file is no copy of itself. */

export interface Distinct {
  /** One name of each file, outside the trash folder. */
  readonly paths: readonly string[];
  /** Other names of these files: hard and symbolic links, and names through a linked folder. */
  readonly links: number;
}

/**
 * Lists each file once, without those in the trash folder, which holds copies of earlier runs. A name that is no link is
 * preferred. Missing files are kept: opening them gives a better error.
 */
export async function distinctFiles(names: readonly string[], trash: string): Promise<Distinct> {
  const inTrash = (await realpath(trash).catch(() => resolve(trash))) + sep;
  const files = new Map<string, { readonly path: string; readonly isLink: boolean }>();
  let links = 0;
  for await (const { path, real, identity } of mapAhead(names, identify, AT_ONCE)) {
    if (real.startsWith(inTrash)) continue;
    const before = files.get(identity);
    if (before) links++;
    const isLink = real !== resolve(path);
    if (!before || (before.isLink && !isLink)) files.set(identity, { path, isLink });
  }
  return { paths: Array.from(files.values(), ({ path }) => path), links };
}

const AT_ONCE = 16;

async function identify(path: string) {
  try {
    const [stats, real] = await Promise.all([stat(path, { bigint: true }), realpath(path)]);
    return { path, real, identity: identityOf(stats) ?? real };
  } catch {
    return { path, real: resolve(path), identity: resolve(path) };
  }
}

/** True if both names lead to one file. */
export async function isSameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([a, b].map(identify));
  return one.identity === other.identity;
}

/** Number of a file on its disk. Undefined where the file system has none. */
function identityOf({ dev, ino }: BigIntStats): string | undefined {
  return ino === 0n ? undefined : `${dev}:${ino}`;
}
