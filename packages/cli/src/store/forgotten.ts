import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ReadError } from "mobilenets";
import { writeAtomic } from "../write-atomic.ts";

/** Name of the file with the hashes of forgotten pictures' ids. */
export const FORGOTTEN = "forgotten.json";

/** The pictures that were taken out for good. The file holds hashes, because names would still tell the pictures. */
export class Forgotten {
  readonly #dir: string;
  readonly #hashes: Set<string>;

  private constructor(dir: string, hashes: Set<string>) {
    this.#dir = dir;
    this.#hashes = hashes;
  }

  /** @throws ReadError if the file is damaged. Without it, forgotten pictures would come back. */
  static async open(dir: string): Promise<Forgotten> {
    const path = join(dir, FORGOTTEN);
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "[]";
      throw error;
    });
    try {
      const hashes: unknown = JSON.parse(text);
      if (Array.isArray(hashes) && hashes.every((hash) => typeof hash === "string")) {
        return new Forgotten(dir, new Set(hashes));
      }
    } catch {}
    const hint = "repair it, or delete it to let all pictures in again";
    throw new ReadError({ where: path, found: "no list of hashes", expected: "a JSON array of strings", hint });
  }

  has(id: string): boolean {
    return this.#hashes.size > 0 && this.#hashes.has(hashOf(id));
  }

  async add(ids: Iterable<string>): Promise<void> {
    for (const id of ids) this.#hashes.add(hashOf(id));
    await this.#write();
  }

  /** @returns how many of them were forgotten */
  async lift(ids: Iterable<string>): Promise<number> {
    const lifted = [...ids].filter((id) => this.#hashes.delete(hashOf(id)));
    await this.#write();
    return lifted.length;
  }

  async #write(): Promise<void> {
    await writeAtomic(join(this.#dir, FORGOTTEN), `${JSON.stringify([...this.#hashes].sort())}\n`);
  }
}

function hashOf(id: string): string {
  return createHash("sha256").update(id).digest("hex");
}
