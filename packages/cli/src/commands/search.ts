import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { type Command, Option } from "commander";
import { OptionError } from "mobilenets";
import { addExamples } from "../help/examples.ts";
import { inGroup } from "../help/groups.ts";
import { toInteger, toNumber } from "../numbers.ts";
import { checkStdin } from "../pictures/read-stdin.ts";
import { answerAll, answerLines, type SearchFlags } from "../search/answer.ts";
import { QUERY_HELP } from "../search/query.ts";
import { openVectors } from "../search/vectors.ts";
import { WHERE_HELP } from "../search/where.ts";
import { addQueryOptions } from "../similar/query-options.ts";
import { withFolder } from "../similar/with-folder.ts";

/** Adds the command `search`, which finds the pictures most like a query. */
export function addSearch(root: Command): void {
  const collect = (text: string, before: readonly string[] = []) => [...before, text];
  const precision = new Option("--precision <type>", "number format of the first comparison").choices([
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
  addQueryOptions(command);
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
With --approximate an index finds nearly all of the nearest (--recall says how many); rows outside it are all compared.
Without --lines the rows are read from the disk block by block; with it they are kept in memory: float16 takes half of
what float32 takes, int8 a quarter.

Exit codes: 0 done, 1 a query or the folder could not be read, 2 bad usage, 130 interrupted.`;

async function search(dir: string, texts: string[], flags: SearchFlags & { readonly lines?: true }): Promise<void> {
  checkUsage(texts, flags);
  const answer = flags.lines ? answerLines : answerAll;
  await withFolder(
    dir,
    await openVectors(dir),
    async () => void (flags.html !== undefined && (await mkdir(dirname(flags.html), { recursive: true }))),
    (folder, signal) => answer(texts, folder, flags, signal),
  );
}

/** @throws OptionError for conflicting arguments */
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
    const expected = "one of the two: the index has its own comparison";
    throw new OptionError({ where: "--approximate", found: `--precision ${flags.precision} too`, expected });
  }
  if (flags.json && flags.paths) {
    throw new OptionError({ where: "--paths", found: "--json too", expected: "one of them: the JSON has the paths" });
  }
}
