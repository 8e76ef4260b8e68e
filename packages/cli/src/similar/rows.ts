import { diagnostic, result } from "../output.ts";
import { isBad } from "../pictures/open.ts";
import type { Input } from "../pictures/walk.ts";
import type { FeatureFolder } from "./feature-folder.ts";
import { type Query, queriesFor } from "./queries.ts";
import type { ModelFlags } from "./recorded-model.ts";
import { type Similar, searchFolder } from "./search-folder.ts";
import { SearchProgress } from "./search-progress.ts";

/** Flags of `similar`. */
export interface RowFlags extends ModelFlags {
  readonly query?: readonly string[];
  readonly top: number;
  readonly min?: number;
  readonly quiet?: true;
  readonly json?: true;
}

/**
 * Searches for the requested pictures in one pass over the folder. An unreadable picture sets the exit code to 1, and
 * does not stop the others.
 */
export async function* rowsOfQueries(
  dir: string,
  folder: FeatureFolder,
  asked: readonly Input[],
  flags: RowFlags,
  signal: AbortSignal,
): AsyncGenerator<Similar, void, undefined> {
  const { top, min, quiet, json } = flags;
  const queries = await queriesFor(asked, folder, dir, flags);
  const good = queries.filter((query): query is Query => !isBad(query));
  const progress = new SearchProgress(folder.paths.length, signal, quiet);
  const onProgress = (share: number) => progress.report(share);
  const rows = good.length > 0 ? await searchFolder(good, folder, { top, min, onProgress }) : [];
  progress.clear();
  let next = 0;
  for (const query of queries) {
    if (!isBad(query)) yield rows[next++];
    else {
      process.exitCode = 1;
      const { path, error } = query;
      diagnostic(`error: ${error.message}`);
      if (json) await result(JSON.stringify({ path, error }));
    }
  }
}

/** Rows to search for in one pass over the file. */
const ROWS_PER_PASS = 1024;

/**
 * Searches for all pictures of the folder, in their order, several in each pass. With `min`, pictures without similar
 * ones are left out.
 * @param wanted number of rows that the caller can use
 */
export async function* rowsOfAll(
  folder: FeatureFolder,
  { top, min, quiet }: RowFlags,
  signal: AbortSignal,
  wanted = Infinity,
): AsyncGenerator<Similar, void, undefined> {
  const { features, paths, dim } = folder;
  const perPass = Math.min(wanted, ROWS_PER_PASS);
  const total = min === undefined ? Math.min(wanted, paths.length) : paths.length;
  const progress = new SearchProgress(total, signal, quiet);
  for (let start = 0; start < paths.length; start += perPass) {
    const count = Math.min(perPass, paths.length - start);
    const { data } = await features.read(start, count);
    const queries = Array.from({ length: count }, (_, i): Query => {
      return { path: paths[start + i], vector: data.subarray(i * dim, (i + 1) * dim), row: start + i };
    });
    const onProgress = (share: number) => progress.report(Math.min(1, (start + count * share) / total));
    for (const row of await searchFolder(queries, folder, { top, min, onProgress })) {
      progress.clear();
      if (min === undefined || row.similar.length > 0) yield row;
    }
  }
}
