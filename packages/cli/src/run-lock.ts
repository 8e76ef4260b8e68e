import { readFileSync } from "node:fs";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { MobileNetsError } from "mobilenets";

/** In the folder of a run, while a process writes to it. */
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
  /** What tells a process from a later one with its number, where the system says so. */
  readonly started: string | null;
  readonly command: string;
}

/**
 * Makes the folder and runs `work` while no other process does so there. The lock names its process: that of one which is
 * dead is taken over, whatever its age says, as clocks may be set back.
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
 * Takes the lock that a file stands for, in a folder that is there.
 * @returns gives it back
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
  // If it cannot be removed, as on a disk that has become read-only, it is soon the lock of a dead process.
  return () => rm(path, { force: true }).catch(() => {});
}

/** This process, as it signs its locks. */
export function thisProcess(): Holder {
  return { pid: process.pid, host: hostname(), started: startOf(process.pid), command: process.argv[2] };
}

/** A link appears with its content, and fails where there is one: of several processes one succeeds. */
async function isTaken(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    // Not all file systems have links.
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

/** @throws RunLockedError if its process lives */
async function removeDead(path: string): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  // Given back meanwhile.
  if (text === undefined) return;
  const holder = parseHolder(text);
  if (holder && isAlive(holder)) {
    const { pid, host, command } = holder;
    const elsewhere = host !== hostname();
    throw new RunLockedError({
      where: path,
      found: `process ${pid}${elsewhere ? ` of ${host}` : ""}, mobilenets ${command}, which writes to this folder`,
      expected: "one run in a folder at a time",
      hint: elsewhere ? "if it runs no more, delete the file" : "wait for it, or choose another --out",
    });
  }
  // Another process that finds it dead renames it too, and one of them succeeds.
  const dead = `${path}.${hostname()}.${process.pid}.dead`;
  const renamed = await rename(path, dead).then(
    () => readFile(dead, "utf8"),
    () => text,
  );
  // Another process took it between the check and the renaming, so it is given back.
  if (renamed !== text) await link(dead, path).catch(() => {});
  await rm(dead, { force: true });
}

/** Undefined for what no process of ours has written. */
export function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, host, started, command } = JSON.parse(text);
    if (Number.isInteger(pid) && typeof host === "string") return { pid, host, started, command: String(command) };
  } catch {}
  return undefined;
}

/** Processes of other machines cannot be asked: they are taken to be alive. */
export function isAlive({ pid, host, started }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return started === null || startOf(pid) === started;
}

/** When a process began, in the system's ticks since it booted, which no clock changes; Linux only. */
function startOf(pid: number): string | null {
  try {
    // The command's name stands in parentheses and may hold anything; the 20th field behind it is the start (proc(5)).
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return null;
  }
}
