import { createInterface } from "node:readline";
import { MobileNetsError } from "mobilenets";
import type { Neighbour, VectorType } from "mobilenets/search";
import { diagnostic, result } from "../output.ts";
import { isBad } from "../pictures/open.ts";
import { printable } from "../printable.ts";
import type { Query } from "../similar/queries.ts";
import type { ModelFlags } from "../similar/recorded-model.ts";
import { Interrupted, SearchProgress } from "../similar/search-progress.ts";
import { SheetRows } from "../similar/sheet.ts";
import { writeSheet } from "../similar/write-sheet.ts";
import { grouped } from "../table.ts";
import { allowedRows } from "./allowed.ts";
import { exactSearch, resident, type Scan, streamed } from "./exact.ts";
import type { ApproximateSearch } from "./index/approximate.ts";
import { parseQueries } from "./query.ts";
import { Recall } from "./recall.ts";
import type { VectorFolder } from "./vectors.ts";

/** Flags of `search`. */
export interface SearchFlags extends ModelFlags {
  readonly top: number;
  readonly min?: number;
  readonly where?: readonly string[];
  readonly precision: VectorType;
  readonly recall?: true;
  readonly approximate?: true;
  readonly html?: string;
  readonly paths?: true;
  readonly json?: true;
  readonly quiet?: true;
}

/** The result of a query. */
interface Answer {
  readonly path: string;
  readonly similar: readonly { readonly path: string; readonly row: number; readonly similarity: number }[];
}

/** Finds the rows nearest to each query. */
type Find = (queries: readonly Query[], top: number) => Promise<Neighbour[][]>;

/** Answers all queries in one pass over the vectors. */
export async function answerAll(
  texts: readonly string[],
  folder: VectorFolder,
  flags: SearchFlags,
  signal: AbortSignal,
): Promise<void> {
  const allowed = await allowedRows(folder, flags.where);
  const queries = await parseQueries(texts, folder, flags);
  const good = queries.filter((query): query is Query => !isBad(query));
  const progress = new SearchProgress(folder.paths.length, signal, flags.quiet);
  const onProgress = (rows: number) => progress.report(rows / folder.paths.length);
  const exactly = (precision: VectorType) =>
    exactFind(folder, precision, streamed(folder, precision, { allowed, onProgress }));
  const index = flags.approximate ? await openIndex(folder, flags) : undefined;
  try {
    const find = index ? indexFind(index, allowed, exactly("float32")) : exactly(flags.precision);
    const answers = good.length > 0 ? await answersTo(good, folder, flags, find) : [];
    if (flags.recall) {
      const recall = new Recall();
      recall.add(answers, good.length > 0 ? await answersTo(good, folder, flags, exactly("float32")) : []);
      diagnostic(recall.line(flags.top));
    }
    progress.clear();
    await printAll(queries, answers, folder, flags, signal);
  } finally {
    index?.close();
  }
}

async function printAll(
  queries: Awaited<ReturnType<typeof parseQueries>>,
  answers: readonly Answer[],
  folder: VectorFolder,
  flags: SearchFlags,
  signal: AbortSignal,
): Promise<void> {
  const sheet = new SheetRows();
  let next = 0;
  for (const query of queries) {
    if (isBad(query)) await printFailure(query.path, query.error, flags);
    else {
      const answer = answers[next++];
      if (flags.html !== undefined) sheet.add(answer);
      if (flags.html === undefined || flags.json || flags.paths) await print(answer, flags);
    }
  }
  if (flags.html === undefined) return;
  const { html, json, paths } = flags;
  const machine = json === true || paths === true;
  await writeSheet(html, sheet, summaryOf(folder, flags), { json: machine, ask: "--top asks for fewer", signal });
}

/** Answers one query per line of standard input, before reading the next. Keeps the vectors or the index in memory. */
export async function answerLines(
  _: readonly string[],
  folder: VectorFolder,
  flags: SearchFlags,
  signal: AbortSignal,
): Promise<void> {
  const allowed = await allowedRows(folder, flags.where);
  const progress = new SearchProgress(folder.paths.length, signal, flags.quiet);
  const onProgress = (rows: number) => progress.report(rows / folder.paths.length);
  const exact = exactFind(folder, "float32", streamed(folder, "float32", { allowed }));
  const index = flags.approximate ? await openIndex(folder, flags) : undefined;
  try {
    const find = index
      ? indexFind(index, allowed, exact)
      : exactFind(folder, flags.precision, await resident(folder, flags.precision, { allowed, onProgress }));
    progress.clear();
    const recall = new Recall();
    const lines = createInterface({ input: process.stdin, signal });
    for await (const line of lines) {
      if (signal.aborted) break;
      if (line.trim() === "") continue;
      await answerLine(line, folder, flags, find, flags.recall ? { exact, recall } : undefined);
    }
    if (flags.recall) diagnostic(recall.line(flags.top));
    if (signal.aborted) throw new Interrupted("interrupted: every line printed is whole");
  } finally {
    index?.close();
  }
}

async function answerLine(
  line: string,
  folder: VectorFolder,
  flags: SearchFlags,
  find: Find,
  check: { readonly exact: Find; readonly recall: Recall } | undefined,
): Promise<void> {
  try {
    for (const query of await parseQueries([line], folder, flags)) {
      if (isBad(query)) {
        await printFailure(query.path, query.error, flags);
        continue;
      }
      const answers = await answersTo([query], folder, flags, find);
      check?.recall.add(answers, await answersTo([query], folder, flags, check.exact));
      await print(answers[0], flags);
    }
  } catch (error) {
    // An invalid line does not end the session.
    if (!MobileNetsError.is(error)) throw error;
    await printFailure(line, error, flags);
  }
}

function exactFind(folder: VectorFolder, precision: VectorType, scan: Scan): Find {
  return (queries, top) => exactSearch(queries, folder, { top, precision }, scan);
}

/** Searches the index. Searches exactly if the conditions leave too few of its results. */
function indexFind(index: ApproximateSearch, allowed: Uint8Array | undefined, exact: Find): Find {
  return async (queries, top) => {
    const found = await index.nearest(queries, top, allowed);
    const short = queries.filter((_, q) => !found[q]);
    const rest = short.length > 0 ? await exact(short, top) : [];
    return found.map((list) => list ?? rest.shift()!);
  };
}

async function openIndex(folder: VectorFolder, { quiet }: SearchFlags): Promise<ApproximateSearch> {
  const { ApproximateSearch } = await import("./index/approximate.ts");
  const index = await ApproximateSearch.open(folder);
  const { missing } = index;
  if (missing > 0 && !quiet) {
    const rows = missing === 1 ? "1 row is" : `${grouped(missing)} rows are`;
    diagnostic(`${rows} not in the index and compared one by one: mobilenets index ${printable(folder.dir)} adds them`);
  }
  return index;
}

async function answersTo(
  queries: readonly Query[],
  folder: VectorFolder,
  { top, min = -Infinity }: SearchFlags,
  find: Find,
): Promise<Answer[]> {
  // One more is needed, because a picture of the folder finds itself first.
  const found = await find(queries, top + 1);
  return queries.map(({ path, row }, q) => {
    const isOther = ({ index, similarity }: Neighbour) => index !== row && similarity >= min;
    const similar = found[q].filter(isOther).slice(0, top);
    return {
      path,
      similar: similar.map(({ index, similarity }) => ({ path: folder.paths[index], row: index, similarity })),
    };
  });
}

async function print({ path, similar }: Answer, { json, paths }: SearchFlags): Promise<void> {
  if (json) return result(JSON.stringify({ path, similar }));
  if (paths) {
    for (const other of similar) await printPath(other.path);
    return;
  }
  const lines = similar.map((other) => `  ${other.similarity.toFixed(4)}  ${printable(other.path)}`);
  await result([printable(path), ...lines].join("\n"));
}

/** Prints a path on a line of its own. */
async function printPath(path: string): Promise<void> {
  const shown = printable(path);
  if (shown !== path)
    diagnostic(`warning: ${shown}: a name that no line can hold is written out; --json has it exactly`);
  await result(shown);
}

async function printFailure(
  path: string,
  { name, message }: { readonly name: string; readonly message: string },
  { json }: SearchFlags,
): Promise<void> {
  process.exitCode = 1;
  diagnostic(`error: ${message}`);
  if (json) await result(JSON.stringify({ path, error: { name, message } }));
}

function summaryOf({ paths, dir, dim }: VectorFolder, { top, min, where }: SearchFlags): string {
  const those = `the ${top === 1 ? "one" : grouped(top)} most like each of these`;
  const least = min === undefined ? "" : `, if ${min} or more`;
  const only = where === undefined ? "" : ` with ${where.join(" and ")}`;
  return `Of ${grouped(paths.length)} pictures in ${printable(dir)}, ${those}${only} by the cosine of their features (${grouped(dim)} numbers)${least}.`;
}
