import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { ImageError, OptionError } from "mobilenets";
import { featuriser } from "../extract/features.ts";
import { DEFAULT_BATCH, infer } from "../pictures/infer.ts";
import { limitsOf } from "../pictures/limits.ts";
import { type BadPicture, isBad } from "../pictures/open.ts";
import { STDIN } from "../pictures/read-stdin.ts";
import { isUrl } from "../pictures/read-url.ts";
import type { Input } from "../pictures/walk.ts";
import { printable } from "../printable.ts";
import { loadRecorded, type ModelFlags } from "./recorded-model.ts";

/** A picture to search with. */
export interface Query {
  readonly path: string;
  readonly vector: Float32Array;
  /** The picture's row, if it is in the folder. */
  readonly row?: number;
}

/** The vectors and paths of a folder or store. */
export interface NamedRows {
  readonly dim: number;
  readonly paths: readonly string[];
  row(index: number): Promise<Float32Array>;
}

/**
 * Finds the vectors of pictures in the folder, or computes them with the folder's model.
 * @returns in the order of the inputs; an unreadable picture does not stop the others
 */
export async function queriesFor(
  inputs: readonly Input[],
  folder: NamedRows,
  dir: string,
  flags: ModelFlags,
): Promise<(Query | BadPicture)[]> {
  const asked = inputs.filter((input) => typeof input === "string");
  const rows = rowsOf(asked, folder.paths);
  const found = new Map<string, Query | BadPicture>();
  const others: string[] = [];
  for (const path of new Set(asked)) {
    const row = rows.get(path);
    if (row !== undefined) {
      found.set(path, { path: folder.paths[row], vector: await folder.row(row), row });
    } else if (await exists(path)) others.push(path);
    else found.set(path, missing(path, dir));
  }
  for (const query of others.length > 0 ? await embed(others, folder, dir, flags) : []) found.set(query.path, query);
  return inputs.map((input) => (typeof input === "string" ? (found.get(input) as Query | BadPicture) : input));
}

/** Finds rows by name: the same text, or another path of the same file. */
function rowsOf(asked: readonly string[], paths: readonly string[]): ReadonlyMap<string, number> {
  const wanted = [...new Set(asked)].map((path) => ({ path, name: basename(path), absolute: resolve(path) }));
  const rows = new Map<string, number>();
  for (let row = 0; row < paths.length; row++) {
    for (const { path, name, absolute } of wanted) {
      // Most names have another end. Resolving a million paths would be slow.
      if (!paths[row].endsWith(name) || rows.has(path)) continue;
      if (paths[row] === path || resolve(paths[row]) === absolute) rows.set(path, row);
    }
  }
  return rows;
}

async function embed(
  paths: readonly string[],
  { dim }: NamedRows,
  dir: string,
  flags: ModelFlags,
): Promise<(Query | BadPicture)[]> {
  const { model, layer, reduceTo } = await loadRecorded(dir, flags);
  try {
    const queries: (Query | BadPicture)[] = [];
    const limits = { ...limitsOf(flags), reduceTo };
    for await (const batch of infer(paths, featuriser(model, layer), DEFAULT_BATCH, limits)) {
      queries.push(...batch.map((item) => (isBad(item) ? item : { path: item.path, vector: item.value })));
    }
    const wrong = queries.find((query): query is Query => !isBad(query) && query.vector.length !== dim);
    if (!wrong) return queries;
    throw new OptionError({
      where: printable(dir),
      found: `rows of ${dim} numbers`,
      expected: `${wrong.vector.length}, as the network in run.json computes`,
      hint: "do the folder's files belong together?",
    });
  } finally {
    model.dispose();
  }
}

function missing(path: string, dir: string): BadPicture {
  const found = `no such file, and no row of ${printable(dir)}`;
  const { name, message } = new ImageError({ where: printable(path), found });
  return { path, error: { name, message } };
}

async function exists(path: string): Promise<boolean> {
  if (path === STDIN || isUrl(path)) return true;
  return stat(path).then(
    () => true,
    () => false,
  );
}
