import { createHash } from "node:crypto";
import { copyFile, lstat, mkdir, open, readFile, readlink, rename, rm, stat, symlink, utimes } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ReadError } from "mobilenets";
import { printable } from "../printable.ts";
import { LOCK, withRunLock } from "../run-lock.ts";
import { writeAtomic } from "../write-atomic.ts";
import { isSameFile } from "./distinct.ts";
import type { Duplicate } from "./find.ts";

/** Moves files to the trash folder, and back. One process at a time may do so: see `withRunLock`. */

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
  await checkUnchanged(kept);
  await checkUnchanged(one);
  if (await isSameFile(one.path, kept.path)) {
    const found = `the same file as ${printable(kept.path)}, which stays`;
    throw new ReadError({ where: printable(one.path), found, expected: "a copy" });
  }
  const move: Move = { from: resolve(one.path), to: await freeName(trash, basename(one.path)), sha256: one.sha256 };
  await appendLine(join(trash, UNDO), JSON.stringify(move));
  await moveFile(move.from, move.to);
}

async function checkUnchanged({ path, sha256 }: Duplicate): Promise<void> {
  const found = await readFile(path).then(hashOf, (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (found === sha256) return;
  throw new ReadError({
    where: printable(path),
    found: found === undefined ? "no such file any more" : "another content than was compared",
    expected: "a file that does not change meanwhile",
    hint: "the same command looks again",
  });
}

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function freeName(trash: string, name: string): Promise<string> {
  for (let n = 0; ; n++) {
    const path = resolve(trash, n === 0 && name !== UNDO && name !== LOCK ? name : `${n}-${name}`);
    if (!(await exists(path))) return path;
  }
}

/** True for a broken link too: it would be replaced. */
const exists = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** Appends a line, so that it is on the disk. A crash may have cut the line before. */
async function appendLine(path: string, line: string): Promise<void> {
  const file = await open(path, "a+");
  try {
    const { size } = await file.stat();
    const last = Buffer.from("\n");
    if (size > 0) await file.read(last, 0, 1, size - 1);
    await file.appendFile(`${last.toString() === "\n" ? "" : "\n"}${line}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Moves a file or a link. To another disk, it is copied. */
async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    await copy(from, to);
    try {
      await rm(from);
    } catch (failure) {
      // The file stays where it is, as in a folder that may not be changed.
      await rm(to, { force: true });
      throw failure;
    }
  }
}

/** Copies a file whole or not at all, so that it is on the disk. A link becomes another one. */
async function copy(from: string, to: string): Promise<void> {
  if ((await lstat(from)).isSymbolicLink()) return symlink(await readlink(from), to);
  const temporary = `${to}.${process.pid}.tmp`;
  try {
    await copyFile(from, temporary);
    const { atime, mtime } = await stat(from);
    await utimes(temporary, atime, mtime);
    const file = await open(temporary);
    // Windows syncs only files that are open for writing.
    await file.sync().catch(() => {});
    await file.close();
    await rename(temporary, to);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

export interface Undone {
  readonly restored: number;
  /** Files that stay in the trash, with the reasons. */
  readonly left: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * Moves files back, the last one first. Files that cannot be moved back stay, with their lines. The trash folder may
 * have been moved meanwhile.
 * @throws ReadError if the folder has no undo file
 */
export async function undo(trash: string): Promise<Undone> {
  // The lock would make the folder.
  await readLines(join(trash, UNDO));
  return withRunLock(trash, () => bringAllBack(trash));
}

async function bringAllBack(trash: string): Promise<Undone> {
  const path = join(trash, UNDO);
  const left: { path: string; reason: string }[] = [];
  const kept: string[] = [];
  let restored = 0;
  for (const { line, text } of (await readLines(path)).toReversed()) {
    const move = parseMove(text);
    const inTrash = move && resolve(trash, basename(move.to));
    const result = move && inTrash ? await bringBack({ ...move, to: inTrash }) : "it is no line that --apply wrote";
    if (result === "restored") restored++;
    else if (result !== "done") {
      kept.unshift(text);
      left.push({ path: inTrash ?? `${printable(path)}, line ${line}`, reason: result });
    }
  }
  if (kept.length > 0) await writeAtomic(path, kept.map((line) => `${line}\n`).join(""));
  else await rm(path);
  return { restored, left };
}

/** Moves a file back. Returns the reason if it stays. */
async function bringBack({ from, to, sha256 }: Move): Promise<"restored" | "done" | string> {
  const [isThere, isBack] = [await exists(to), await exists(from)];
  // After a crash, the file was never moved. After an interrupted undo, it is already back.
  if (!isThere && isBack) return "done";
  if (!isThere) return "it is no longer in the trash";
  try {
    if (!isBack) {
      await mkdir(dirname(from), { recursive: true });
      await moveFile(to, from);
      return "restored";
    }
    const hashes = await Promise.all([from, to].map(async (path) => hashOf(await readFile(path))));
    if (hashes.some((hash) => hash !== sha256)) return `there is another file at ${from}`;
    // A crash while it was copied to or from another disk has left both.
    await rm(to);
    return "done";
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    return error.message;
  }
}

/** Reads the lines that are not empty. */
async function readLines(path: string): Promise<{ readonly line: number; readonly text: string }[]> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT" && cause.code !== "ENOTDIR") throw cause;
    const expected = "the trash folder of an earlier `dedupe --apply`";
    const hint = "it is removed once everything is back";
    throw new ReadError({ where: printable(path), found: "no such file", expected, hint }, { cause });
  });
  const lines = text.split("\n").map((line, i) => ({ line: i + 1, text: line }));
  // A crash can cut the last line. Its file was not yet moved.
  if (parseMove(lines.at(-1)!.text) === undefined) lines.pop();
  return lines.filter((one) => one.text !== "");
}

/** Undefined for a line that is no move. */
function parseMove(line: string): Move | undefined {
  try {
    const { from, to, sha256 } = JSON.parse(line) as Move;
    if (typeof from === "string" && typeof to === "string") return { from, to, sha256 };
  } catch {}
  return undefined;
}
