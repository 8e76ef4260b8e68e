import type { Command } from "commander";
import { OptionError } from "mobilenets";
import { duration } from "../extract/progress.ts";
import { addExamples } from "../help/examples.ts";
import { groups, inGroup } from "../help/groups.ts";
import { toNumber } from "../numbers.ts";
import { diagnostic, result } from "../output.ts";
import { Phases } from "../phases.ts";
import { printable } from "../printable.ts";
import { openVectors, type VectorFolder } from "../search/vectors.ts";
import { withFolder } from "../similar/with-folder.ts";
import { grouped } from "../table.ts";

interface IndexFlags {
  readonly recall: number;
  readonly json?: true;
  readonly quiet?: true;
}

/** Adds the command `index`, which makes an index for `search --approximate`. */
export function addIndex(root: Command): void {
  const command = root
    .command("index")
    .summary("make an index, for `search --approximate`")
    .description(
      "Make an index of the features that `extract` wrote, or bring it up to date: `search --approximate` asks it. LanceDB keeps it.",
    )
    .argument("<dir>", "the folder that `extract --out` named")
    .option("--recall <share>", "least share of the ten nearest that a search finds, 0.5 to 1", toNumber, 0.97)
    .option("--json", "print one JSON object");
  inGroup(command, groups.running, () => command.option("--quiet", "no progress on stderr"));
  command.addHelpText("after", help).action(index);
  addExamples(command, [
    ["mobilenets index store", "After every `extract`: what is new is added, what is gone is taken out"],
    ["mobilenets index features --quiet", "Of features.npy, without a word; `search --approximate` asks it"],
    ["mobilenets index store --recall 0.99 --json", "More exact, and slower; the recall measured, for other programs"],
  ]);
}

const help = `
The index needs LanceDB: npm install @lancedb/lancedb@0.31.0 apache-arrow@18.1.0. It lies in DIR/index, and can be deleted.
Up to some 100,000 pictures \`search\` is as fast without it.

How many of the ten nearest a search finds is measured with 100 rows of the folder against an exact search.

Exit codes: 0 done, 1 the folder could not be read or the index not written, 2 bad usage, 130 interrupted.`;

async function index(dir: string, flags: IndexFlags): Promise<void> {
  if (!(flags.recall >= 0.5 && flags.recall <= 1)) {
    throw new OptionError({ where: "--recall", found: `${flags.recall}`, expected: "0.5 to 1" });
  }
  await withFolder(
    dir,
    await openVectors(dir),
    () => {},
    (folder, signal) => build(folder, flags, signal),
  );
}

async function build(
  folder: VectorFolder,
  { recall: wanted, json, quiet }: IndexFlags,
  signal: AbortSignal,
): Promise<void> {
  const [{ buildIndex }, { loadLance }] = await Promise.all([
    import("../search/index/build.ts"),
    import("../search/index/lance.ts"),
  ]);
  const start = performance.now();
  const library = await loadLance("index");
  const phases = new Phases(signal, quiet === true, "added rows are kept, and the same command continues");
  const onPhase = (what: string, total: number) => phases.begin(what, total);
  const built = await buildIndex(folder, library, { recall: wanted, onPhase });
  phases.end();
  const seconds = (performance.now() - start) / 1000;
  if (json) return result(JSON.stringify({ ...built, seconds }));
  const { rows, added, removed, recall } = built;
  diagnostic(`${grouped(added)} rows added, ${grouped(removed)} taken out, ${duration(seconds)}`);
  await result(
    `${printable(folder.dir)}: an index of ${grouped(rows)} rows, recall@10 ${recall.toFixed(4)} against an exact search`,
  );
}
