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
import { parseQueries } from "./query.ts";
import { Recall } from "./recall.ts";
import type { VectorFolder } from "./vectors.ts";

export interface SearchFlags extends ModelFlags {
  readonly top: number;
  readonly min?: number;
  readonly where?: readonly string[];
  readonly precision: VectorType;
  readonly recall?: true;
  readonly html?: string;
  readonly paths?: true;
  readonly json?: true;
  readonly quiet?: true;
}

/** What was found for a query. */
interface Answer {
  readonly path: string;
  readonly similar: readonly { readonly path: string; readonly row: number; readonly similarity: number }[];
}

/** All queries in one pass over the vectors. */
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
  const scan = (precision: VectorType) => streamed(folder, precision, { allowed, onProgress });
  const answers = good.length > 0 ? await answersTo(good, folder, flags, scan(flags.precision)) : [];
  if (flags.recall) {
    const recall = new Recall();
    recall.add(answers, await answersTo(good, folder, { ...flags, precision: "float32" }, scan("float32")));
    diagnostic(recall.line(flags.top));
  }
  progress.clear();
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

/** A query a line, each answered before the next is read; the vectors stay in memory. */
export async function answerLines(
  _: readonly string[],
  folder: VectorFolder,
  flags: SearchFlags,
  signal: AbortSignal,
): Promise<void> {
  const allowed = await allowedRows(folder, flags.where);
  const progress = new SearchProgress(folder.paths.length, signal, flags.quiet);
  const onProgress = (rows: number) => progress.report(rows / folder.paths.length);
  const scan = await resident(folder, flags.precision, { allowed, onProgress });
  progress.clear();
  const recall = new Recall();
  const lines = createInterface({ input: process.stdin, signal });
  for await (const line of lines) {
    if (signal.aborted) break;
    if (line.trim() === "") continue;
    try {
      for (const query of await parseQueries([line], folder, flags)) {
        if (isBad(query)) {
          await printFailure(query.path, query.error, flags);
          continue;
        }
        const answers = await answersTo([query], folder, flags, scan);
        if (flags.recall) {
          const exact = streamed(folder, "float32", { allowed });
          recall.add(answers, await answersTo([query], folder, { ...flags, precision: "float32" }, exact));
        }
        await print(answers[0], flags);
      }
    } catch (error) {
      // A line that is no query does not end the session.
      if (!MobileNetsError.is(error)) throw error;
      await printFailure(line, error, flags);
    }
  }
  if (flags.recall) diagnostic(recall.line(flags.top));
  if (signal.aborted) throw new Interrupted("interrupted: every line printed is whole");
}

async function answersTo(
  queries: readonly Query[],
  folder: VectorFolder,
  { top, min = -Infinity, precision }: SearchFlags,
  scan: Scan,
): Promise<Answer[]> {
  // One more, since a picture of the folder is most like itself.
  const found = await exactSearch(queries, folder, { top: top + 1, precision }, scan);
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
    for (const other of similar) await result(other.path);
    return;
  }
  const lines = similar.map((other) => `  ${other.similarity.toFixed(4)}  ${printable(other.path)}`);
  await result([printable(path), ...lines].join("\n"));
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
