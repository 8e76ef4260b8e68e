import { nearest, OptionError, type Tensor } from "mobilenets";
import { printable } from "../printable.ts";
import type { FeatureFolder } from "./feature-folder.ts";
import type { Query } from "./queries.ts";

/** A picture and the most similar pictures of the folder, best first. */
export interface Similar {
  readonly path: string;
  readonly similar: readonly { readonly path: string; readonly similarity: number }[];
}

export interface SearchOptions {
  readonly top: number;
  /** Least similarity. */
  readonly min?: number;
  /** Called with the share of the compared rows, 0 to 1. Throws to stop the search. */
  readonly onProgress?: (share: number) => void;
}

/**
 * Compares every row with all queries, in one pass over the file.
 * @throws OptionError for a row that is not finite
 */
export async function searchFolder(
  queries: readonly Query[],
  folder: FeatureFolder,
  { top, min = -Infinity, onProgress }: SearchOptions,
): Promise<Similar[]> {
  const { features, paths } = folder;
  async function* rows(): AsyncGenerator<Tensor, void, undefined> {
    let done = 0;
    for await (const block of features) {
      onProgress?.(done / features.rows);
      yield block;
      done += block.shape[0];
    }
    onProgress?.(1);
  }
  const vectors = queries.map(({ vector }) => vector);
  // One more is needed, because a picture of the folder finds itself first.
  const found = await nearest(vectors, rows(), { k: top + 1 }).catch((error: unknown) => {
    throw named(error, queries, paths);
  });
  return queries.map(({ path, row }, q) => {
    const others = found[q].filter(({ index, similarity }) => index !== row && similarity >= min).slice(0, top);
    return { path, similar: others.map(({ index, similarity }) => ({ path: paths[index], similarity })) };
  });
}

/** Names the picture in an error about `vectors, row 7` or `query 3`. */
function named(error: unknown, queries: readonly Query[], paths: readonly string[]): unknown {
  if (!(error instanceof OptionError)) return error;
  const [, kind, number] = /^(vectors, row|query) (\d+)$/.exec(error.where) ?? [];
  if (kind === undefined) return error;
  const path = kind === "query" ? queries[Number(number)].path : paths[Number(number)];
  const where = `features of ${printable(path)}`;
  return new OptionError({ ...error, where, hint: "`extract` this folder anew" }, { cause: error });
}
