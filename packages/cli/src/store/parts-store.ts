import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { ReadError } from "mobilenets";
import { printable } from "../printable.ts";
import { PartFile } from "./parquet/read-part.ts";
import type { Store, StoreBlock, StoreItem } from "./read-store.ts";

/** Opens Parquet parts as a store. */

/** Name of the folder with the parts. */
export const PARTS = "parts";
export const PART_EXTENSION = ".parquet";

/** Most files open at a time. Systems allow some hundred. */
const MOST_OPEN = 64;

/** A part, and its valid rows. */
interface Part {
  /** Changes with the rows of the part. */
  readonly name: string;
  readonly path: string;
  readonly modified: number;
  readonly first: string;
  readonly ids: readonly string[];
  readonly paths: readonly string[];
  /** Number of vectors in the file. */
  readonly vectors: number;
  /** Places of the valid rows among the vectors. */
  readonly places: readonly number[];
}

interface Row {
  readonly id?: string;
  readonly path?: string;
  readonly error?: string | null;
  readonly network?: string;
  readonly weights?: string;
}

interface Common {
  /** The first part. */
  readonly path: string;
  readonly network: string;
  readonly weights: string;
  readonly preprocessing: string;
  readonly dimensions: number;
}

/**
 * Opens Parquet parts as a store. The rows come in the order of their ids, unless parts overlap. A run that was killed
 * while it replaced a part may leave two rows with one id. The row of the newer part is then valid.
 * @returns undefined if there is no Parquet file
 * @throws ReadError for a damaged part, embeddings of different lengths, or rows of another model than the first part's
 */
export async function openPartsStore(dir: string): Promise<Store | undefined> {
  const files = await partFiles(dir);
  if (files.length === 0) return undefined;
  let common: Common | undefined;
  const parts: Part[] = [];
  for (const file of files) {
    const { part, ...rest } = await inspect(file, common);
    common = rest.common;
    if (part) parts.push(part);
  }
  return storeOf(withoutDoubles(parts), common!);
}

/** Paths of the Parquet files of a store, a folder, or one file; sorted by name. */
export async function partFiles(dir: string): Promise<string[]> {
  if (dir.endsWith(PART_EXTENSION) && (await stat(dir).catch(() => undefined))?.isFile()) return [dir];
  for (const folder of [join(dir, PARTS), dir]) {
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
      throw error;
    });
    const parts = names.filter((name) => name.endsWith(PART_EXTENSION) && !name.startsWith(".")).sort();
    if (parts.length > 0) return parts.map((name) => join(folder, name));
  }
  return [];
}

async function inspect(path: string, known: Common | undefined): Promise<{ part?: Part; common?: Common }> {
  const file = await PartFile.open(path);
  try {
    const rows = await file.read<Row>(["id", "path", "error", "network", "weights"]);
    const good = rows.filter(({ error }) => error === undefined || error === null);
    if (good.length === 0) return { common: known };
    // The first part tells it for all. Lengths are checked when vectors are read.
    const common = known ?? (await commonOf(file, good));
    checkModel(good, common, path);
    const ids = good.map(({ id, path: name }, i) => id ?? name ?? `${path}#${i}`);
    const paths = good.map(({ path: name }, i) => name ?? ids[i]);
    const { mtimeMs, size } = await stat(path);
    // The part of an archive keeps its file name when pictures are forgotten, but not its size.
    const name = `${basename(path)} ${size}`;
    const places = [...ids.keys()];
    return { common, part: { name, path, modified: mtimeMs, first: ids[0], ids, paths, vectors: ids.length, places } };
  } finally {
    await file.close();
  }
}

async function commonOf(file: PartFile, good: readonly Row[]): Promise<Common> {
  const [{ preprocessing = "" }] = await file.read<Partial<Common>>(["preprocessing"]);
  const dimensions = (await file.allVectors()).length / good.length;
  if (Number.isInteger(dimensions) && dimensions > 0) {
    const { network = "", weights = "" } = good[0];
    return { path: file.path, network, weights, preprocessing, dimensions };
  }
  throw new ReadError({
    where: printable(file.path),
    found: "embeddings of different lengths",
    expected: "the same length for all",
  });
}

/** Vectors of two models have no distance that means anything, even if they have one length. */
function checkModel(rows: readonly Row[], { path: first, network, weights }: Common, path: string): void {
  const other = rows.find((row) => (row.network ?? "") !== network || (row.weights ?? "") !== weights);
  if (!other) return;
  const named = (model: { readonly network?: string; readonly weights?: string }) =>
    `${model.network || "an unknown network"} with the weights ${model.weights?.slice(0, 12) || "of no known hash"}`;
  throw new ReadError({
    where: printable(path),
    found: `features of ${printable(named(other))}`,
    expected: `features of ${printable(named({ network, weights }))}, as in ${printable(first)}`,
    hint: "keep each model's parts in a folder of their own",
  });
}

function withoutDoubles(parts: readonly Part[]): Part[] {
  const seen = new Set<string>();
  const newestFirst = parts.toSorted((a, b) => b.modified - a.modified);
  const kept = newestFirst.map((part): Part => {
    const places = part.places.filter((place) => {
      const id = part.ids[place];
      if (seen.has(id)) return false;
      seen.add(id);
      return true;
    });
    if (places.length === part.places.length) return part;
    const [ids, paths] = [part.ids, part.paths].map((names) => places.map((place) => names[place]));
    return { ...part, ids, paths, places };
  });
  return kept.filter(({ ids }) => ids.length > 0).sort((a, b) => (a.first < b.first ? -1 : 1));
}

function storeOf(parts: readonly Part[], common: Common | undefined): Store {
  const { network = "", weights = "", preprocessing = "", dimensions = 0 } = common ?? {};
  const ids = parts.flatMap((part) => part.ids);
  const paths = parts.flatMap((part) => part.paths);
  const starts: number[] = [];
  let rows = 0;
  for (const part of parts) {
    starts.push(rows);
    rows += part.ids.length;
  }

  async function* blocks(): AsyncGenerator<StoreBlock, void, undefined> {
    const read = (i: number) => {
      if (i >= parts.length) return undefined;
      const vectors = vectorsOf(parts[i], dimensions);
      // It is awaited in its turn, or never if the caller stops early.
      vectors.catch(() => {});
      return vectors;
    };
    // The next part is read while the caller works on one.
    let next = read(0);
    for (const [i, part] of parts.entries()) {
      const vectors = (await next)!;
      next = read(i + 1);
      yield { from: starts[i], ids: part.ids, paths: part.paths, vectors };
    }
  }

  async function read(start: number, count: number): Promise<Float32Array> {
    const all = new Float32Array(count * dimensions);
    const end = start + count;
    for (
      let i = Math.max(
        0,
        starts.findLastIndex((first) => first <= start),
      );
      i < parts.length && starts[i] < end;
      i++
    ) {
      const vectors = await lately(i);
      const from = Math.max(0, start - starts[i]) * dimensions;
      const to = Math.min(parts[i].ids.length, end - starts[i]) * dimensions;
      all.set(vectors.subarray(from, to), Math.max(0, starts[i] - start) * dimensions);
    }
    return all;
  }

  /** Keeps the last part, as single rows are read in order. */
  let last: { readonly i: number; readonly vectors: Promise<Float32Array> } | undefined;
  async function lately(i: number): Promise<Float32Array> {
    if (last?.i !== i) last = { i, vectors: vectorsOf(parts[i], dimensions) };
    return last.vectors;
  }

  /** Open files for single rows, in the order of their last use. */
  const open = new Map<number, Promise<PartFile>>();
  async function openLately(i: number): Promise<PartFile> {
    const file = open.get(i) ?? PartFile.open(parts[i].path);
    open.delete(i);
    open.set(i, file);
    if (open.size > MOST_OPEN) {
      const [[oldest, other]] = open;
      open.delete(oldest);
      await (await other).close();
    }
    return file;
  }

  async function* items(): AsyncGenerator<StoreItem, void, undefined> {
    for (const part of parts) yield* itemsOf(part);
  }

  return {
    format: "parquet",
    network,
    dimensions,
    preprocessing: preprocessing === "" ? undefined : JSON.parse(preprocessing),
    weightsHash: weights,
    rows,
    ids: () => ids,
    paths: () => paths,
    blocks,
    items,
    read,
    async row(index) {
      if (!(index in ids)) throw new RangeError(`row ${index} of ${rows}`);
      const i = starts.findLastIndex((first) => first <= index);
      const file = await openLately(i);
      const vector = await file.vector(parts[i].places[index - starts[i]], dimensions);
      return { id: ids[index], path: paths[index], vector: vector ?? (await read(index, 1)) };
    },
    parts: () => parts.map(({ name, places }, i) => ({ name, from: starts[i], places })),
    async close() {
      for (const file of open.values()) await (await file).close();
      open.clear();
    },
  };
}

async function vectorsOf(part: Part, dim: number): Promise<Float32Array> {
  const file = await PartFile.open(part.path);
  try {
    const all = await file.vectors(dim, part.vectors);
    if (part.places.length === part.vectors) return all;
    const some = new Float32Array(part.places.length * dim);
    for (const [i, place] of part.places.entries()) some.set(all.subarray(place * dim, (place + 1) * dim), i * dim);
    return some;
  } finally {
    await file.close();
  }
}

async function* itemsOf(part: Part): AsyncGenerator<StoreItem, void, undefined> {
  const file = await PartFile.open(part.path);
  try {
    const rows = await file.read<StoreItem & Row>(["sha256", "width", "height", "labels", "scores", "error"]);
    const good = rows.filter(({ error }) => error === undefined || error === null);
    for (const [i, place] of part.places.entries()) {
      const { sha256, width, height, labels, scores } = good[place];
      const known = { id: part.ids[i], path: part.paths[i], sha256, width, height };
      yield labels ? { ...known, labels, scores } : known;
    }
  } finally {
    await file.close();
  }
}
