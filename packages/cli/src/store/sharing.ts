import { mkdir, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Holder, isAlive, parseHolder, RunLockedError, takeLock, thisProcess, withRunLock } from "../run-lock.ts";

/** Folder of a store with one file per working process, and one per part in progress. */
const ACTIVE = "active";
const PAUSE = 500;

/**
 * Coordinates the processes that work on one folder. Processes with the same plan share the parts. A process with
 * another plan waits until they end.
 */
export class Sharing {
  readonly #dir: string;
  readonly #own: string;

  constructor(dir: string) {
    this.#dir = join(dir, ACTIVE);
    this.#own = join(this.#dir, `${process.pid}.${hostname()}.json`);
  }

  /**
   * Plans while no other process does, and joins the processes with the same plan.
   * @param plan called again after each wait; `key` identifies the plan
   * @param onWait called once, with the process to wait for
   * @returns undefined if the signal aborts
   */
  async join<T extends { readonly key: string }>(
    dir: string,
    plan: () => Promise<T>,
    onWait: (holder: Holder) => void,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    let told = false;
    while (!signal.aborted) {
      let other: Holder | undefined;
      const planned = await patiently(dir, signal, async () => {
        await mkdir(this.#dir, { recursive: true });
        const made = await plan();
        other = await this.#otherPlan(made.key);
        if (!other) await writeFile(this.#own, JSON.stringify({ ...thisProcess(), plan: made.key }));
        return made;
      });
      if (planned && !other) return planned;
      if (other && !told) onWait(other);
      told ||= other !== undefined;
      await sleep(PAUSE);
    }
    return undefined;
  }

  /** @throws RunLockedError while a process works on the folder */
  async checkIdle(): Promise<void> {
    await mkdir(this.#dir, { recursive: true });
    const other = await this.#otherPlan("");
    await rmdir(this.#dir).catch(() => {});
    if (!other) return;
    const { pid, host, command } = other;
    throw new RunLockedError({
      where: this.#dir,
      found: `process ${pid} of ${host}, mobilenets ${command}, which writes to this folder`,
      hint: "wait for it",
    });
  }

  async leave(): Promise<void> {
    await rm(this.#own, { force: true }).catch(() => {});
    for (const file of await readdir(this.#dir).catch(() => [])) await this.#removeDead(join(this.#dir, file));
    // The last process removes the folder.
    await rmdir(this.#dir).catch(() => {});
  }

  /**
   * Reserves a part for this process.
   * @returns a function that gives it back, or `foreign`, which is true if a process of another machine has the part
   */
  async claim(name: string): Promise<{ readonly giveBack: () => Promise<void> } | { readonly foreign: boolean }> {
    const path = join(this.#dir, `${name}.lock`);
    try {
      return { giveBack: await takeLock(path) };
    } catch (error) {
      if (!(error instanceof RunLockedError)) throw error;
      const holder = parseHolder(await readFile(path, "utf8").catch(() => ""));
      return { foreign: holder !== undefined && holder.host !== hostname() };
    }
  }

  /** A path for a temporary file of this process. */
  scratch(name: string): string {
    return join(this.#dir, `${name}.${hostname()}.${process.pid}.tmp`);
  }

  async #otherPlan(key: string): Promise<Holder | undefined> {
    for (const file of await readdir(this.#dir)) {
      const path = join(this.#dir, file);
      if (path === this.#own || (await this.#removeDead(path)) || !file.endsWith(".json")) continue;
      const text = await readFile(path, "utf8").catch(() => "");
      const holder = parseHolder(text);
      if (holder && (JSON.parse(text) as { plan?: string }).plan !== key) return holder;
    }
    return undefined;
  }

  /**
   * Removes a file of a dead process.
   * @returns true if it was one
   */
  async #removeDead(path: string): Promise<boolean> {
    const [, pid] = /\.(\d+)(\.tmp)?$/.exec(path) ?? [];
    // This machine cannot tell if a process of another machine is alive.
    if (pid !== undefined && !path.replace(/\.tmp$/, "").endsWith(`.${hostname()}.${pid}`)) return false;
    const holder = pid === undefined ? parseHolder(await readFile(path, "utf8").catch(() => "")) : undefined;
    const alive = pid === undefined ? holder !== undefined && isAlive(holder) : isRunning(Number(pid));
    if (!alive) await rm(path, { force: true }).catch(() => {});
    return !alive;
  }
}

/** True if this machine has a process with the number. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Works under the folder's lock. Other processes hold it only while they plan. */
async function patiently<T>(dir: string, signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
  while (!signal.aborted) {
    try {
      return await withRunLock(dir, work);
    } catch (error) {
      if (!(error instanceof RunLockedError)) throw error;
      await sleep(PAUSE);
    }
  }
  return undefined;
}
