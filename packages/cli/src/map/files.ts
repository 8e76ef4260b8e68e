import { createHash } from "node:crypto";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { writeAtomic } from "../write-atomic.ts";

/** Most bytes of small pictures inside the page. More lie in a folder beside it. */
const MOST_INSIDE = 6e6;

/**
 * Writes a page and its atlases. The atlases go to a folder with a name of their own before the page is replaced, and
 * those of the older page are removed afterwards. So an interruption leaves a page with its pictures.
 */
export class MapFiles {
  readonly #out: string;
  readonly #temporary: string;
  readonly #hash = createHash("sha256");
  #inside: Buffer[] = [];
  #count = 0;
  #bytes = 0;

  constructor(out: string) {
    this.#out = out;
    this.#temporary = join(dirname(out), `.${this.#stem}.${process.pid}.tmp`);
  }

  /** Bytes of all atlases. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Folder of the atlases, after the page is written. Undefined if they are inside the page. */
  get folder(): string | undefined {
    const name = this.#folderName;
    return name && join(dirname(this.#out), name);
  }

  async addAtlas(webp: Buffer): Promise<void> {
    this.#hash.update(webp);
    this.#bytes += webp.length;
    this.#inside.push(webp);
    this.#count++;
    if (this.#bytes > MOST_INSIDE) await this.#moveOut();
  }

  /** URLs of the atlases for the page. */
  addresses(): string[] {
    const folder = this.#folderName;
    if (folder === undefined) {
      return this.#inside.map((webp) => `data:image/webp;base64,${webp.toString("base64")}`);
    }
    return Array.from({ length: this.#count }, (_, i) => `${encodeURIComponent(folder)}/${nameOf(i)}`);
  }

  /** Writes the page, and moves the atlases to their place. */
  async finish(page: string): Promise<void> {
    const { folder } = this;
    if (folder !== undefined) {
      await this.#moveOut();
      // A folder of the same pictures has the same name.
      await rm(folder, { recursive: true, force: true });
      await rename(this.#temporary, folder);
    }
    await writeAtomic(this.#out, page);
    const old = (await readdir(dirname(this.#out))).filter(
      (name) => name.startsWith(`${this.#stem}-pictures-`) && /^[0-9a-f]{12}$/.test(name.slice(-12)),
    );
    for (const name of old) {
      if (name !== this.#folderName && name.length === this.#stem.length + "-pictures-".length + 12) {
        await rm(join(dirname(this.#out), name), { recursive: true, force: true });
      }
    }
  }

  /** Removes unfinished files. */
  async abandon(): Promise<void> {
    await rm(this.#temporary, { recursive: true, force: true });
  }

  get #stem(): string {
    return basename(this.#out, extname(this.#out));
  }

  get #folderName(): string | undefined {
    if (this.#bytes <= MOST_INSIDE) return undefined;
    return `${this.#stem}-pictures-${this.#hash.copy().digest("hex").slice(0, 12)}`;
  }

  async #moveOut(): Promise<void> {
    await mkdir(this.#temporary, { recursive: true });
    const first = this.#count - this.#inside.length;
    for (const [i, webp] of this.#inside.entries()) await writeFile(join(this.#temporary, nameOf(first + i)), webp);
    this.#inside = [];
  }
}

const nameOf = (atlas: number) => `${String(atlas).padStart(4, "0")}.webp`;
