import type { PartRow } from "./parquet/columns.ts";
import { PartFile } from "./parquet/read-part.ts";
import type { PartsFolder } from "./parts-folder.ts";

/** A row of an older part, and its picture's signature at that time. */
export interface KnownRow {
  readonly row: PartRow;
  readonly signature?: string;
}

/** Rows of older parts, read on demand. */
export class KnownRows {
  readonly #folder: PartsFolder;
  readonly #dim: number;
  /** Part and place of each id. */
  readonly #places = new Map<string, readonly [name: string, row: number]>();
  readonly #loaded = new Map<string, Promise<readonly KnownRow[]>>();

  constructor(folder: PartsFolder, dim: number) {
    this.#folder = folder;
    this.#dim = dim;
  }

  /**
   * Adds the rows of a part.
   * @returns their ids and paths
   */
  async add(name: string): Promise<readonly { readonly id: string; readonly path: string }[]> {
    const file = await PartFile.open(this.#folder.pathOf(name));
    try {
      const rows = await file.read<{ id: string; path: string }>(["id", "path"]);
      for (const [i, { id }] of rows.entries()) this.#places.set(id, [name, i]);
      return rows;
    } finally {
      await file.close();
    }
  }

  async get(id: string): Promise<KnownRow | undefined> {
    const place = this.#places.get(id);
    if (!place) return undefined;
    const [name, row] = place;
    let rows = this.#loaded.get(name);
    if (!rows) {
      // Four parts suffice: rows are asked for in order, and two parts are made at a time.
      if (this.#loaded.size === 4) this.#loaded.delete(this.#loaded.keys().next().value!);
      rows = this.#load(name);
      this.#loaded.set(name, rows);
    }
    return (await rows)[row];
  }

  async #load(name: string): Promise<readonly KnownRow[]> {
    const rows = await readPartRows(this.#folder.pathOf(name), this.#dim);
    const signatures = (await this.#folder.seen(name))?.signatures;
    const fit = signatures?.length === rows.length ? signatures : undefined;
    return rows.map((row, i) => ({ row, signature: fit?.[i] }));
  }
}

/** Reads all rows of a part, as they were before writing. */
export async function readPartRows(path: string, dim: number): Promise<PartRow[]> {
  const file = await PartFile.open(path);
  try {
    const names = ["id", "path", "sha256", "width", "height", "error", "engine", "labels", "scores"];
    const rows = await file.read<Record<string, unknown>>(names);
    const good = rows.filter(({ error }) => error === undefined || error === null);
    const vectors = await file.vectors(dim, good.length);
    let next = 0;
    return rows.map((row) => {
      const known = Object.fromEntries(
        Object.entries(row).filter(([, value]) => value !== undefined && value !== null),
      );
      if ("error" in known) return known as unknown as PartRow;
      const embedding = vectors.slice(next * dim, ++next * dim);
      return { ...known, embedding } as unknown as PartRow;
    });
  } finally {
    await file.close();
  }
}
