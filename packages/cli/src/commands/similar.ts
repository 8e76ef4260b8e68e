import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { type Command, Option } from "commander";
import { OptionError } from "mobilenets";
import { duration } from "../extract/progress.ts";
import { addExamples } from "../help/examples.ts";
import { toInteger, toNumber } from "../numbers.ts";
import { result } from "../output.ts";
import { PICTURES } from "../pictures/argument.ts";
import { checkStdin } from "../pictures/read-stdin.ts";
import { walkEach } from "../pictures/walk.ts";
import { printable } from "../printable.ts";
import { type FeatureFolder, openFeatureFolder } from "../similar/feature-folder.ts";
import { addQueryOptions } from "../similar/query-options.ts";
import { type RowFlags, rowsOfAll, rowsOfQueries } from "../similar/rows.ts";
import type { Similar } from "../similar/search-folder.ts";
import { MOST_PICTURES, SheetRows } from "../similar/sheet.ts";
import { withFolder } from "../similar/with-folder.ts";
import { writeSheet } from "../similar/write-sheet.ts";
import { suggest } from "../suggest.ts";
import { grouped } from "../table.ts";

interface SimilarFlags extends RowFlags {
  readonly all?: true;
  readonly html?: string;
}

/** Most rows to compare with each other without `--all`. The time grows with the square of the rows. */
const MOST_ROWS = 20_000;
/** Multiplications per second of `nearest` with many queries, for an estimate; see docs/similar.md. */
const RATE = 1.4e9;

/** Adds the command `similar`, which finds similar pictures in a folder. */
export function addSimilar(root: Command): void {
  const collect = (path: string, before: readonly string[] = []) => [...before, path];
  const query = new Option("--query <picture>", `only of these: a path in the folder, or ${PICTURES}; may be repeated`);
  const command = root
    .command("similar")
    .summary("find the pictures most like others")
    .description("Find the pictures most like others, by the features that `extract` wrote.")
    .argument("<dir>", "the folder that `extract --out` named")
    .addOption(suggest(query.argParser(collect), [], { files: true }))
    .option("--top <k>", "how many, best first", toInteger(1), 5)
    .option("--min <similarity>", "leave out those less similar, -1 to 1", toNumber)
    .option("--html <file>", "write a page with the pictures instead of printing their names")
    .option("--all", `compare all pictures with each other, even more than ${grouped(MOST_ROWS)}`)
    .option("--json", "print one JSON object per picture, a line each");
  addQueryOptions(command);
  command.addHelpText("after", help).action(similar);
  addExamples(command, [
    ["mobilenets similar features", "The five pictures most like each, in the folder that `extract` wrote"],
    [
      "mobilenets similar features --query photo.jpg --html similar.html",
      "A page with those most like another picture",
    ],
    ["mobilenets similar features --min 0.95 --json", "Near duplicates, for other programs"],
  ]);
}

const help = `
Without --query it does so for every picture of the folder. With --min, pictures that have none are left out then.
Similarity is the cosine of the features: 1 the same, 0 unrelated. All rows are compared, none is guessed.

Exit codes: 0 done, 1 a picture or the folder could not be read, 2 bad usage, 130 interrupted.`;

async function similar(dir: string, flags: SimilarFlags): Promise<void> {
  checkStdin(flags.query ?? []);
  const check = async (folder: FeatureFolder) => {
    if (!flags.query) checkSize(dir, folder, flags);
    if (flags.html !== undefined) await mkdir(dirname(flags.html), { recursive: true });
  };
  await withFolder(dir, await openFeatureFolder(dir), check, (folder, signal) => search(dir, folder, flags, signal));
}

/** @throws OptionError for too many rows to compare all with all unintentionally */
function checkSize(dir: string, { paths: { length }, dim }: FeatureFolder, flags: SimilarFlags): void {
  if (flags.all || length <= MOST_ROWS || isPageOnly(flags)) return;
  throw new OptionError({
    where: printable(dir),
    found: `${grouped(length)} pictures, ${grouped(length ** 2)} pairs of them`,
    expected: `at most ${grouped(MOST_ROWS)} pictures without --query`,
    hint: `--query PICTURE asks for some, --all compares all (about ${duration((length ** 2 * dim) / RATE)})`,
  });
}

/** True if the search may stop at a full page. */
function isPageOnly({ html, json, min }: SimilarFlags): boolean {
  return html !== undefined && !json && min === undefined;
}

async function search(dir: string, folder: FeatureFolder, flags: SimilarFlags, signal: AbortSignal): Promise<void> {
  const { query, top, html, json } = flags;
  const wanted = isPageOnly(flags) ? Math.ceil(MOST_PICTURES / (top + 1)) + 1 : undefined;
  const asked = query && (await walkEach(query));
  const rows = asked ? rowsOfQueries(dir, folder, asked, flags, signal) : rowsOfAll(folder, flags, signal, wanted);
  const sheet = new SheetRows();
  for await (const row of rows) {
    if (html !== undefined) sheet.add(row);
    if (json) await result(JSON.stringify(row));
    else if (html === undefined) await result(textOf(row));
    else if (sheet.isFull) break;
  }
  if (html === undefined) return;
  const ask = "--query chooses";
  await writeSheet(html, sheet, summaryOf(dir, folder, flags), { json: json === true, ask, signal });
}

function textOf({ path, similar }: Similar): string {
  const lines = similar.map((other) => `  ${other.similarity.toFixed(4)}  ${printable(other.path)}`);
  return [printable(path), ...lines].join("\n");
}

function summaryOf(dir: string, { paths, dim }: FeatureFolder, { top, min }: SimilarFlags): string {
  const those = `the ${top === 1 ? "one" : grouped(top)} most like each of these`;
  const least = min === undefined ? "" : `, if ${min} or more`;
  return `Of ${grouped(paths.length)} pictures in ${printable(dir)}, ${those} by the cosine of their features (${grouped(dim)} numbers)${least}.`;
}
