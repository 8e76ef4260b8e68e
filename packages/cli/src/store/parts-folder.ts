import { mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { writeAtomic } from "../write-atomic.ts";
import { PART_EXTENSION, PARTS } from "./parts-store.ts";

/** Signatures of the pictures in each part, so that what has not changed need not be read again. Can be deleted. */
const SEEN = "seen";

/** What is known of a part beside its rows. */
export interface Seen {
  /** Of the pictures, by row. */
  readonly signatures: readonly string[];
  /** Rows that are errors. */
  readonly failed: number;
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

  /** Names of the parts that are there. */
  async names(): Promise<Set<string>> {
    const files = await readdir(join(this.dir, PARTS)).catch(missing);
    const parts = files.filter((file) => file.endsWith(PART_EXTENSION) && !file.startsWith("."));
    return new Set(parts.map((file) => file.slice(0, -PART_EXTENSION.length)));
  }

  /** Puts a part in its place, whole or not at all; when it resolves, the part survives a crash. */
  async put(name: string, bytes: Uint8Array, { signatures, failed }: Seen): Promise<void> {
    // If the part is not made, they lie there unused.
    await this.remember(name, { signatures, failed });
    await writeAtomic(this.pathOf(name), bytes, temporary(this.pathOf(name)));
    await syncFolder(join(this.dir, PARTS));
  }

  async remember(name: string, { signatures, failed }: Seen): Promise<void> {
    const path = this.#seen(name);
    await writeAtomic(path, JSON.stringify({ failed, signatures }), temporary(path));
  }

  /** Undefined if it is not known. */
  async seen(name: string): Promise<Seen | undefined> {
    try {
      const { signatures, failed } = JSON.parse(await readFile(this.#seen(name), "utf8"));
      const isText = (value: unknown) => typeof value === "string";
      if (Array.isArray(signatures) && signatures.every(isText) && Number.isInteger(failed)) {
        return { signatures, failed };
      }
    } catch {}
    return undefined;
  }

  /** Takes a part away, if it is there. */
  async remove(name: string): Promise<void> {
    await rm(this.pathOf(name), { force: true });
    await rm(this.#seen(name), { force: true });
  }

  /** Takes away what processes that were killed have left unfinished. */
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

  /** Takes away all parts and what belongs to them. */
  async clear(): Promise<void> {
    for (const folder of [PARTS, SEEN]) await rm(join(this.dir, folder), { recursive: true, force: true });
  }

  #seen(name: string): string {
    return join(this.dir, SEEN, `${name}.json`);
  }
}

/** In containers all processes may have the number 1: the name of the machine is what tells them apart. */
function temporary(path: string): string {
  return `${path}.${hostname()}.${process.pid}.tmp`;
}

function isOurs(file: string): boolean {
  return file.endsWith(`.${hostname()}.${file.split(".").at(-2)}.tmp`);
}

/** Processes of other machines cannot be asked; none of them takes a day to write a file. */
async function isOld(path: string): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
  return Date.now() - mtimeMs > 86_400_000;
}

function missing(error: NodeJS.ErrnoException): string[] {
  if (error.code === "ENOENT") return [];
  throw error;
}

/** A renamed file is in its folder for good only when the folder is on the disk. Not all systems can do that. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined);
  try {
    await folder?.sync().catch(() => {});
  } finally {
    await folder?.close();
  }
}
