import { createHash } from "node:crypto";
import { appendFile, copyFile, mkdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { OptionError, ReadError } from "mobilenets";
import { printable } from "../printable.ts";
import { writeAtomic } from "../write-atomic.ts";
import type { Duplicate } from "./find.ts";

/** Moves files to the trash folder, and back. */

/** Name of the undo file in the trash folder. It has a line per file, written before the file is moved. */
export const UNDO = "undo.jsonl";

interface Move {
  /** Absolute paths. */
  readonly from: string;
  readonly to: string;
  readonly sha256: string;
}

/**
 * Moves a file to the trash folder. Its line in the undo file is on the disk first, so `--undo` works after a crash at
 * any moment.
 * @throws ReadError if the file, or the kept one, has changed since the comparison
 */
export async function moveToTrash(one: Duplicate, kept: Duplicate, trash: string): Promise<void> {
  await mkdir(trash, { recursive: true });
  await checkUnchanged(kept);
  await checkUnchanged(one);
  const move: Move = { from: resolve(one.path), to: await freeName(trash, basename(one.path)), sha256: one.sha256 };
  await appendFile(join(trash, UNDO), `${JSON.stringify(move)}\n`, { flush: true } as object);
  await moveFile(move.from, move.to);
}

async function checkUnchanged({ path, sha256 }: Duplicate): Promise<void> {
  const found = await readFile(path).then(hashOf, () => undefined);
  if (found === sha256) return;
  throw new ReadError({
    where: printable(path),
    found: found === undefined ? "no such file any more" : "another content than was compared",
    expected: "a file that does not change meanwhile",
    hint: "nothing of its group is moved; the same command looks again",
  });
}

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function freeName(trash: string, name: string): Promise<string> {
  for (let n = 0; ; n++) {
    const path = resolve(trash, n === 0 && name !== UNDO ? name : `${n}-${name}`);
    if (!(await exists(path))) return path;
  }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Moves a file. To another disk, it is copied. */
async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    const { atime, mtime } = await stat(from);
    const temporary = `${to}.${process.pid}.tmp`;
    await copyFile(from, temporary);
    await utimes(temporary, atime, mtime);
    await rename(temporary, to);
    await rm(from);
  }
}

export interface Undone {
  readonly restored: number;
  /** Files that stay in the trash, with the reasons. */
  readonly left: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * Moves files back, the last one first. Files that cannot be moved back stay, with their lines.
 * @throws ReadError if the folder has no undo file
 */
export async function undo(trash: string): Promise<Undone> {
  const moves = await readMoves(join(trash, UNDO));
  const left: { path: string; reason: string }[] = [];
  const kept: Move[] = [];
  let restored = 0;
  for (const move of moves.toReversed()) {
    const [isThere, isBack] = [await exists(move.to), await exists(move.from)];
    // After a crash, the file was never moved. After an interrupted undo, it is already back.
    if (!isThere && isBack) continue;
    if (isThere && !isBack) {
      await mkdir(dirname(move.from), { recursive: true });
      await moveFile(move.to, move.from);
      restored++;
      continue;
    }
    kept.unshift(move);
    const reason = isThere ? `there is another file at ${move.from}` : "it is no longer in the trash";
    left.push({ path: move.to, reason });
  }
  const path = join(trash, UNDO);
  if (kept.length > 0) await writeAtomic(path, kept.map((move) => `${JSON.stringify(move)}\n`).join(""));
  else await rm(path);
  return { restored, left };
}

async function readMoves(path: string): Promise<Move[]> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT" && cause.code !== "ENOTDIR") throw cause;
    const expected = "the trash folder of an earlier `dedupe --apply`";
    throw new ReadError({ where: printable(path), found: "no such file", expected }, { cause });
  });
  const lines = text.split("\n");
  return lines.flatMap((line, i): Move[] => {
    if (line === "") return [];
    try {
      const { from, to, sha256 } = JSON.parse(line) as Move;
      if (typeof from === "string" && typeof to === "string") return [{ from, to, sha256 }];
    } catch {
      // A crash can cut the last line. Its file was not yet moved.
      if (i === lines.length - 1) return [];
    }
    throw new OptionError({
      where: `${printable(path)}, line ${i + 1}`,
      found: printable(line.slice(0, 60)),
      expected: "a move, as `dedupe --apply` wrote it",
    });
  });
}
