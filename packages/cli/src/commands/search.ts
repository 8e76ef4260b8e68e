import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { type Command, Option } from "commander";
import { OptionError, ReadError } from "mobilenets";
import { EXIT_INTERRUPTED, interruptible } from "../extract/interrupt.ts";
import { ITEMS } from "../extract/store.ts";
import { addExamples } from "../help/examples.ts";
import { groups, inGroup } from "../help/groups.ts";
import { toInteger, toNumber, toThreads } from "../numbers.ts";
import { diagnostic } from "../output.ts";
import { addLimitOptions } from "../pictures/options.ts";
import { checkStdin } from "../pictures/read-stdin.ts";
import { printable } from "../printable.ts";
import { weightsSuggestions } from "../run-options.ts";
import { answerAll, answerLines, type SearchFlags } from "../search/answer.ts";
import { QUERY_HELP } from "../search/query.ts";
import { openVectors } from "../search/vectors.ts";
import { WHERE_HELP } from "../search/where.ts";
import { Interrupted } from "../similar/search-progress.ts";
import { suggest } from "../suggest.ts";

export function addSearch(root: Command): void {
  const collect = (text: string, before: readonly string[] = []) => [...before, text];
  const weights = new Option(
    "--weights <source>",
    "where they are now, if they have moved since (default: as recorded)",
  );
  const precision = new Option("--precision <type>", "how rows are compared first").choices([
    "float32",
    "float16",
    "int8",
  ]);
  const command = root
    .command("search")
    .summary("find the pictures most like a picture, a row or a vector")
    .description("Find the pictures most like a picture, a row or a vector, among those that `extract` wrote.")
    .argument("<dir>", "the folder that `extract --out` named")
    .argument("[queries...]", QUERY_HELP)
    .option("--top <k>", "how many, best first", toInteger(1), 10)
    .option("--min <similarity>", "leave out those less similar, -1 to 1", toNumber)
    .option("--where <condition>", `only rows with ${WHERE_HELP}; may be repeated`, collect)
    .option("--lines", "read queries from standard input, a line each, and answer each at once")
    .option("--html <file>", "write a page with the pictures instead of printing their names")
    .option("--paths", "print the paths found and nothing else")
    .option("--json", "print one JSON object per query, a line each");
  inGroup(command, "How it searches:", () =>
    command
      .addOption(precision.default("float32"))
      .option("--approximate", "ask the index that `mobilenets index` made; fast in large folders")
      .option("--recall", "compare every answer with float32's, and print the share that agrees"),
  );
  addLimitOptions(command);
  inGroup(command, "Network, for pictures outside the folder:", () =>
    command
      .addOption(suggest(weights, weightsSuggestions, { files: true }))
      .option("--offline", "published weights from the cache only"),
  );
  inGroup(command, groups.running, () =>
    command
      .option("--threads <n>", "for the network: a number or auto (default: auto)", toThreads)
      .option("--quiet", "no progress on stderr"),
  );
  command.addHelpText("after", help).action(search);
  addExamples(command, [
    ["mobilenets search features photo.jpg --top 20", "The twenty pictures most like another one"],
    ["mobilenets search features row:0 --where 'path=photos/**' --html found.html", "Within a folder, as a page"],
    ["mobilenets search features photo.jpg --min 0.5 --paths", "Paths alone, for other programs"],
  ]);
}

const help = `
Similarity is the cosine of the features: 1 the same, 0 unrelated. All rows are compared, and float32 and float16 find exactly the
nearest; int8 nearly always (--recall says how often). Similarities are computed anew from the stored numbers in any case.
With --approximate an index finds nearly all of the nearest (--recall says how many); rows that it has not got are all compared.
Without --lines the rows are read from the disk block by block; with it they are kept in memory: float16 takes half of
what float32 takes, int8 a quarter.

Exit codes: 0 done, 1 a query or the folder could not be read, 2 bad usage, 130 interrupted.`;

async function search(dir: string, texts: string[], flags: SearchFlags & { readonly lines?: true }): Promise<void> {
  checkUsage(texts, flags);
  const folder = await openVectors(dir);
  try {
    if (folder.paths.length === 0) {
      const hint = `${ITEMS} says what is wrong with each`;
      throw new ReadError({ where: printable(dir), found: "no picture with features", hint });
    }
    if (flags.html !== undefined) await mkdir(dirname(flags.html), { recursive: true });
    const answer = flags.lines ? answerLines : answerAll;
    await interruptible((signal) => answer(texts, folder, flags, signal), "stopping");
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    diagnostic(error.message);
    process.exitCode = EXIT_INTERRUPTED;
  } finally {
    await folder.close();
  }
}

/** @throws OptionError for arguments that do not go together */
function checkUsage(texts: readonly string[], flags: SearchFlags & { readonly lines?: true }): void {
  checkStdin(texts);
  if (flags.lines && (texts.length > 0 || flags.html !== undefined)) {
    const found = texts.length > 0 ? "queries as arguments too" : "--html";
    throw new OptionError({ where: "--lines", found, expected: "queries on standard input, answered as text or JSON" });
  }
  if (!flags.lines && texts.length === 0) {
    const hint = "mobilenets search DIR photo.jpg; `mobilenets similar DIR` compares all with each other";
    throw new OptionError({ where: "search", found: "no query", expected: QUERY_HELP, hint });
  }
  if (flags.approximate && flags.precision !== "float32") {
    const expected = "one of them: the index has a way of its own to compare";
    throw new OptionError({ where: "--approximate", found: `--precision ${flags.precision} too`, expected });
  }
  if (flags.json && flags.paths) {
    throw new OptionError({ where: "--paths", found: "--json too", expected: "one of them: the JSON has the paths" });
  }
}
