import { mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { writeAtomic } from "../write-atomic.ts";
import { PART_EXTENSION, PARTS } from "./parts-store.ts";

/** Folder with the signatures of each part's pictures. They save reading unchanged files again. Can be deleted. */
const SEEN = "seen";

/** Facts about a part in addition to its rows. */
export interface Seen {
  /** One per picture, in the order of the rows. */
  readonly signatures: readonly string[];
  /** Number of rows with an error. */
  readonly failed: number;
  /** Of the archive that the part is made of, if it is a file. */
  readonly archive?: string;
}

/** The files of a store of parts. */
export class PartsFolder {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  async make(): Promise<void> {
    for (const folder of [PARTS, SEEN]) await mkdir(join(this.dir, folder), { recursive: true });
  }

  pathOf(name: string): string {
    return join(this.dir, PARTS, `${name}${PART_EXTENSION}`);
  }

  /** Names of the existing parts. */
  async names(): Promise<Set<string>> {
    const files = await readdir(join(this.dir, PARTS)).catch(missing);
    const parts = files.filter((file) => file.endsWith(PART_EXTENSION) && !file.startsWith("."));
    return new Set(parts.map((file) => file.slice(0, -PART_EXTENSION.length)));
  }

  /** Writes a part, whole or not at all. The part survives a crash once this resolves. */
  async put(name: string, bytes: Uint8Array, seen: Seen): Promise<void> {
    // If writing the part fails, its signatures stay unused.
    await this.remember(name, seen);
    await writeAtomic(this.pathOf(name), bytes, temporary(this.pathOf(name)));
    await syncFolder(join(this.dir, PARTS));
  }

  async remember(name: string, { signatures, failed, archive }: Seen): Promise<void> {
    const path = this.#seen(name);
    await writeAtomic(path, JSON.stringify({ failed, archive, signatures }), temporary(path));
  }

  /** @returns undefined if the file is missing or damaged */
  async seen(name: string): Promise<Seen | undefined> {
    try {
      const { signatures, failed, archive } = JSON.parse(await readFile(this.#seen(name), "utf8"));
      const isText = (value: unknown) => typeof value === "string";
      if (Array.isArray(signatures) && signatures.every(isText) && Number.isInteger(failed)) {
        return { signatures, failed, archive };
      }
    } catch {}
    return undefined;
  }

  /** Removes a part, if it exists. */
  async remove(name: string): Promise<void> {
    await rm(this.pathOf(name), { force: true });
    await rm(this.#seen(name), { force: true });
  }

  /** Removes unfinished files of dead processes. */
  async removeUnfinished(isAlive: (pid: number) => boolean): Promise<void> {
    for (const folder of [PARTS, SEEN]) {
      for (const file of await readdir(join(this.dir, folder)).catch(missing)) {
        const [, pid] = /\.(\d+)\.tmp$/.exec(file) ?? [];
        if (pid === undefined) continue;
        const path = join(this.dir, folder, file);
        const dead = isOurs(file) ? !isAlive(Number(pid)) : await isOld(path);
        if (dead) await rm(path, { force: true });
      }
    }
  }

  /** Removes all parts and their signatures. */
  async clear(): Promise<void> {
    for (const folder of [PARTS, SEEN]) await rm(join(this.dir, folder), { recursive: true, force: true });
  }

  #seen(name: string): string {
    return join(this.dir, SEEN, `${name}.json`);
  }
}

/** The host's name is needed too: in containers, all processes may have the number 1. */
function temporary(path: string): string {
  return `${path}.${hostname()}.${process.pid}.tmp`;
}

function isOurs(file: string): boolean {
  return file.endsWith(`.${hostname()}.${file.split(".").at(-2)}.tmp`);
}

/** True for a file older than a day. No process of another machine still writes it. */
async function isOld(path: string): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
  return Date.now() - mtimeMs > 86_400_000;
}

function missing(error: NodeJS.ErrnoException): string[] {
  if (error.code === "ENOENT") return [];
  throw error;
}

/** Makes a renamed file survive a crash. Not all systems can do that for a folder. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined);
  try {
    await folder?.sync().catch(() => {});
  } finally {
    await folder?.close();
  }
}
