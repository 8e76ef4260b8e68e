import { readFileSync } from "node:fs";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { MobileNetsError } from "mobilenets";

/** Locks for folders that one process at a time may write to. */

/** Name of the lock file in a run's folder, while a process writes to it. */
export const LOCK = "run.lock";

/** Another process writes to the folder. */
export class RunLockedError extends MobileNetsError {
  override get name(): string {
    return "RunLockedError";
  }
}

/** A process that writes to a folder. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Start of the process, which tells it from a later one with its number. Null if the system does not tell it. */
  readonly started: string | null;
  readonly command: string;
}

/**
 * Makes the folder, and runs `work` while no other process writes there. The lock names its process, and the lock of a
 * dead process is taken over. Its age does not count, because clocks can be set back.
 * @throws RunLockedError naming the process that holds it
 */
export async function withRunLock<T>(dir: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dir, { recursive: true });
  const giveBack = await takeLock(join(dir, LOCK));
  try {
    return await work();
  } finally {
    await giveBack();
  }
}

/**
 * Takes a lock file in an existing folder.
 * @returns a function that gives it back
 * @throws RunLockedError naming the process that holds it
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  const own = `${path}.${hostname()}.${process.pid}`;
  await writeFile(own, JSON.stringify(thisProcess()));
  try {
    while (!(await isTaken(own, path))) await removeDead(path);
  } finally {
    await rm(own, { force: true });
  }
  // A lock that cannot be removed, as on a read-only disk, is soon that of a dead process.
  return () => rm(path, { force: true }).catch(() => {});
}

/** This process, for its locks. */
export function thisProcess(): Holder {
  return { pid: process.pid, host: hostname(), started: startOf(process.pid), command: process.argv[2] };
}

/** Takes the lock by a link, which appears with its content, and fails if it exists. So only one process succeeds. */
async function isTaken(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    // Some file systems have no links.
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
    return writeFile(path, await readFile(own), { flag: "wx" }).then(
      () => true,
      (failure: NodeJS.ErrnoException) => {
        if (failure.code === "EEXIST") return false;
        throw failure;
      },
    );
  }
}

/** @throws RunLockedError if the lock's process is alive */
async function removeDead(path: string): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  // The lock was given back meanwhile.
  if (text === undefined) return;
  const holder = parseHolder(text);
  if (holder && isAlive(holder)) {
    const { pid, host, command } = holder;
    const elsewhere = host !== hostname();
    throw new RunLockedError({
      where: path,
      found: `process ${pid}${elsewhere ? ` of ${host}` : ""}, mobilenets ${command}, which writes to this folder`,
      expected: "one run in a folder at a time",
      hint: elsewhere ? "if it runs no more, delete the file" : "wait for it, or choose another folder",
    });
  }
  // Other processes may rename the dead lock too, and one succeeds.
  const dead = `${path}.${hostname()}.${process.pid}.dead`;
  const renamed = await rename(path, dead).then(
    () => readFile(dead, "utf8"),
    () => text,
  );
  // Another process took the lock between the check and the renaming, so it is put back.
  if (renamed !== text) await link(dead, path).catch(() => {});
  await rm(dead, { force: true });
}

/** Undefined for a file that is no lock. */
export function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, host, started, command } = JSON.parse(text);
    if (Number.isInteger(pid) && typeof host === "string") return { pid, host, started, command: String(command) };
  } catch {}
  return undefined;
}

/** True if the process is alive. Processes of other machines always count as alive, as this machine cannot tell. */
export function isAlive({ pid, host, started }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM means that another user's process has the number.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return started === null || startOf(pid) === started;
}

/** The start of a process, in ticks since the system's boot, which no clock changes. Linux only. */
function startOf(pid: number): string | null {
  try {
    // The command's name is in parentheses, and may contain any text. The 20th field after it is the start (proc(5)).
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return null;
  }
}
