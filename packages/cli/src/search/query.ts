import { readFile } from "node:fs/promises";
import { OptionError, ReadError } from "mobilenets";
import { readNpy } from "mobilenets/search";
import { type BadPicture, isBad } from "../pictures/open.ts";
import { walkEach } from "../pictures/walk.ts";
import { printable } from "../printable.ts";
import { type Query, queriesFor } from "../similar/queries.ts";
import type { ModelFlags } from "../similar/recorded-model.ts";
import { grouped } from "../table.ts";
import type { VectorFolder } from "./vectors.ts";

const ROW = /^row:(.*)$/;
const VECTORS = /\.(npy|json)$/i;

export const QUERY_HELP =
  "pictures (files, folders, globs, addresses, - for standard input), row:N, or vectors in .npy or .json files";

/**
 * Turns queries into vectors: a row by its number, a file of vectors, or a picture. A picture of the folder has the
 * folder's vector.
 * @returns in the order of the queries; an unreadable picture does not stop the others
 * @throws OptionError for a missing row, or a vector of another length
 */
export async function parseQueries(
  texts: readonly string[],
  folder: VectorFolder,
  flags: ModelFlags,
): Promise<(Query | BadPicture)[]> {
  const pictures = texts.filter((text) => !ROW.test(text) && !VECTORS.test(text));
  // All pictures are computed together, so the network is loaded once.
  const asked = await Promise.all(pictures.map((picture) => walkEach([picture])));
  const found = pictures.length > 0 ? await queriesFor(asked.flat(), folder, folder.dir, flags) : [];
  const queries: (Query | BadPicture)[] = [];
  let next = 0;
  let picture = 0;
  for (const text of texts) {
    const [, row] = ROW.exec(text) ?? [];
    if (row !== undefined) queries.push(await rowQuery(row, folder));
    else if (VECTORS.test(text)) for (const query of await vectorQueries(text, folder)) queries.push(query);
    else {
      const { length } = asked[picture++];
      for (const query of found.slice(next, next + length)) queries.push(query);
      next += length;
    }
  }
  for (const query of queries) if (!isBad(query)) checkDirection(query);
  return queries;
}

async function rowQuery(text: string, folder: VectorFolder): Promise<Query> {
  const isNumber = /^\d+$/.test(text);
  const row = Number(text);
  if (isNumber && row < folder.paths.length) {
    return { path: folder.paths[row], vector: await folder.row(row), row };
  }
  const expected = `0 to ${grouped(folder.paths.length - 1)}, the rows of ${printable(folder.dir)}`;
  const found = isNumber ? `row ${grouped(row)}` : "no number of a row";
  throw new OptionError({ where: printable(`row:${text}`), found, expected });
}

/** Reads one vector, or several: a matrix, or an array of arrays. */
async function vectorQueries(file: string, { dim, dir }: VectorFolder): Promise<Query[]> {
  const vectors = /npy$/i.test(file) ? await fromNpy(file) : await fromJson(file);
  return vectors.map((vector, i): Query => {
    const path = vectors.length > 1 ? `${file}#${i}` : file;
    if (vector.length === dim) return { path, vector };
    throw new OptionError({
      where: printable(path),
      found: `a vector of ${grouped(vector.length)} numbers`,
      expected: `${grouped(dim)}, as ${printable(dir)} has`,
      hint: "are both of one network and layer?",
    });
  });
}

async function fromNpy(file: string): Promise<Float32Array[]> {
  const { data, shape } = await readNpy(file);
  if (shape.length === 1) return [data];
  if (shape.length === 2) {
    return Array.from({ length: shape[0] }, (_, i) => data.subarray(i * shape[1], (i + 1) * shape[1]));
  }
  const found = `an array of shape [${shape}]`;
  throw new ReadError({ where: printable(file), found, expected: "a vector [n] or several [count,n]" });
}

async function fromJson(file: string): Promise<Float32Array[]> {
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    const found = cause.code === "ENOENT" ? "no such file" : cause.message;
    throw new ReadError({ where: printable(file), found, expected: "an array of numbers" }, { cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ReadError({ where: printable(file), found: "no JSON", expected: "an array of numbers" }, { cause });
  }
  // The output of `embed --json` has the vector under a name.
  const named = typeof value === "object" && value !== null && "embedding" in value ? value.embedding : value;
  const lists = Array.isArray(named) && Array.isArray(named[0]) ? (named as unknown[]) : [named];
  return lists.map((list) => {
    if (Array.isArray(list) && list.length > 0 && list.every((x) => typeof x === "number"))
      return Float32Array.from(list);
    const expected = "an array of numbers, or several in an array";
    throw new ReadError({ where: printable(file), found: printable(JSON.stringify(list).slice(0, 40)), expected });
  });
}

/** Similarity is the cosine of an angle. A vector of zeros has none, and would be like all rows. */
function checkDirection({ path, vector }: Query): void {
  const areNumbers = vector.every(Number.isFinite);
  if (areNumbers && vector.some((value) => value !== 0)) return;
  throw new OptionError({
    where: `features of ${printable(path)}`,
    found: areNumbers ? "only zeros" : "NaN or infinity",
    expected: areNumbers ? "a vector with a direction" : "finite numbers",
  });
}
