import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { ImageError, type Model, OptionError } from "mobilenets";
import { checkLayer } from "../extract/features.ts";
import { EXIT_INTERRUPTED } from "../extract/interrupt.ts";
import { readRun } from "../extract/run-record.ts";
import { FEATURES, ITEMS } from "../extract/store.ts";
import { extractToNpy } from "../extract/to-npy.ts";
import { addExamples } from "../help/examples.ts";
import { groups, inGroup } from "../help/groups.ts";
import { announcePipeline, loadModel } from "../load-model.ts";
import { addTopOptions } from "../network-options.ts";
import { toInteger } from "../numbers.ts";
import { diagnostic, result } from "../output.ts";
import { DEFAULT_BATCH } from "../pictures/infer.ts";
import { limitsOf } from "../pictures/limits.ts";
import { printable } from "../printable.ts";
import { withRunLock } from "../run-lock.ts";
import { addRunOptions } from "../run-options.ts";
import { DEFAULT_CHUNK } from "../store/chunks.ts";
import { type Entry, isRemote } from "../store/entry.ts";
import { checkPrunable, type Gathered, gather } from "../store/inputs/gather.ts";
import { addPartsOptions, INPUTS } from "../store/parts-options.ts";
import { PARTS } from "../store/parts-store.ts";
import { toShard } from "../store/shard.ts";
import { extractToParts, ofOneThread, type PartsFlags } from "../store/to-parts.ts";
import { grouped } from "../table.ts";

interface ExtractFlags extends PartsFlags {
  readonly format?: "npy" | "parquet";
  readonly json?: true;
}

/** Adds the command `extract`, which writes the features of many pictures to a folder. */
export function addExtract(root: Command): void {
  const command = root
    .command("extract")
    .summary("write the features of many pictures to a folder, a row each")
    .description("Write the features of many pictures to a folder, a row each. Can be stopped and resumed at any time.")
    .argument("<inputs...>", INPUTS)
    .requiredOption("--out <dir>", "where the results go; made if missing")
    .option("--layer <name>", "an inner layer's result instead of the embedding; maps are averaged over the picture")
    .option("--overwrite", "throw away what an earlier run left in the folder")
    .option("--json", "print one JSON object at the end");
  inGroup(command, "Parts:", () => {
    command.addOption(
      new Option(
        "--format <name>",
        "a matrix and a list, or Parquet parts (default: npy for one part, else parquet)",
      ).choices(["npy", "parquet"]),
    );
    addPartsOptions(command).option("--shard <i/n>", "only the i-th of n shares of the parts, 1/n to n/n", toShard);
  });
  addTopOptions(addRunOptions(command));
  inGroup(command, groups.running, () =>
    command
      .option("--batch-size <n>", "pictures per pass", toInteger(1), DEFAULT_BATCH)
      .option("--quiet", "no progress on stderr"),
  );
  command.addHelpText("after", help).action(extract);
  addExamples(command, [
    ["mobilenets extract photos --out features", "The features of all pictures in a folder, for NumPy and others"],
    ["mobilenets extract 'photos/**/*.png' --out png-features --quiet", "Only some of them, without a word"],
    ["mobilenets extract photos --out labelled --format parquet --top-k 3", "Parquet parts with the best three labels"],
    ["mobilenets extract photos --out store --format parquet --prune", "Bring the parts up to date with the folder"],
    ["mobilenets extract photos --out store --shard 1/8", "The first of eight shares, on one of eight machines"],
    ["mobilenets extract photos --out edges --layer block2b_add", "What an inner layer sees"],
  ]);
}

const help = `
Up to ${grouped(DEFAULT_CHUNK)} pictures, or with --format npy, it writes three files to the folder:
  ${FEATURES}  float32 matrix in NumPy's format, a row per readable picture
  ${ITEMS}   a line per picture in input order: path, sha256, width, height, row; or path and error
  run.json      the model and settings the run was begun with
More, or with --format parquet: ${PARTS}/*.parquet, a row per picture, sorted by id, and run.json.

Interrupted or killed, the same command goes on where it stopped, and the result is the same to the byte as
without the interruption. With other settings it refuses to mix results; parts take other pictures in.

Exit codes: 0 every picture has a row or an error (also if some failed: stderr says how many), 1 no picture could be
read or the job failed, 2 bad usage, 130 interrupted.`;

async function extract(inputs: string[], flags: ExtractFlags): Promise<void> {
  const gathered = await gather(inputs, limitsOf(flags));
  const { entries, archives } = gathered;
  if (entries.length + archives.length === 0) throw new ImageError({ where: inputs.join(" "), found: "no pictures" });
  if (flags.prune) checkPrunable(gathered);
  // Names are checked first, so a misspelt name does not begin a run.
  if (archives.length === 0 && !(await anyExists(entries))) {
    const found = gathered.plain
      ? "no such file or folder"
      : `none of the ${grouped(entries.length)} files exists; the first is ${printable(entries[0].path)}`;
    throw new ImageError({ where: inputs.join(" "), found });
  }
  const format = await formatFor(gathered, flags);
  const model = await loadModel(format === "npy" ? flags : ofOneThread(flags));
  announcePipeline(model, { onlyOthers: true });
  try {
    // The check comes before the run begins, or is compared with an earlier one.
    if (flags.layer !== undefined) checkLayer(model, flags.layer);
    await (format === "npy" ? toNpy(model, gathered, flags) : toParts(model, gathered, flags));
  } finally {
    model.dispose();
  }
}

/** The requested format, else that of the folder's run, else the one that the options and inputs need. */
async function formatFor({ entries, plain, archives }: Gathered, flags: ExtractFlags): Promise<"npy" | "parquet"> {
  const { format, out, overwrite, chunkSize = DEFAULT_CHUNK } = flags;
  const begun = overwrite ? undefined : await readRun(out);
  const options = ["dtype", "chunkSize", "topK", "fullDecode", "prune", "retryFailed", "shard"] as const;
  const asked = options.find((name) => flags[name] !== undefined);
  const found = begun && (begun.parts ? "parquet" : "npy");
  const many = plain === undefined || archives.length > 0 || entries.length > chunkSize;
  const chosen = format ?? found ?? (asked !== undefined || many ? "parquet" : "npy");
  if (chosen === "parquet") return chosen;
  if (asked !== undefined) {
    const name = `--${asked.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const expected = "--format parquet";
    throw new OptionError({ where: name, found: `a run that writes ${FEATURES}`, expected });
  }
  if (plain === undefined) {
    const hint = "--out elsewhere, with --format parquet";
    throw new OptionError({ where: "--format npy", found: "a list or an archive", expected: "files and URLs", hint });
  }
  return chosen;
}

async function toNpy(model: Model, { plain }: Gathered, flags: ExtractFlags): Promise<void> {
  const start = performance.now();
  const paths = plain!;
  const store = await withRunLock(flags.out, () => extractToNpy(model, paths, flags));
  if (store.count < paths.length) {
    const [done, all] = [store.count, paths.length].map(grouped);
    diagnostic(`interrupted: ${done} of ${all} pictures are done; the same command goes on from there`);
    process.exitCode = EXIT_INTERRUPTED;
    return;
  }
  if (store.failed > 0) {
    diagnostic(`${grouped(store.failed)} of ${grouped(store.count)} pictures failed: see ${join(flags.out, ITEMS)}`);
  }
  if (store.rows === 0) process.exitCode = 1;
  const { rows, failed, dim } = store;
  const seconds = (performance.now() - start) / 1000;
  await result(
    flags.json
      ? JSON.stringify({ out: flags.out, rows, failed, dim, seconds })
      : `${printable(join(flags.out, FEATURES))}: ${grouped(rows)} rows of ${grouped(dim)} numbers`,
  );
}

async function toParts(model: Model, gathered: Gathered, flags: ExtractFlags): Promise<void> {
  const done = await extractToParts(model, gathered, flags);
  const { parts, pictures, failed, made, computed, pruned, planned, firstError, complete, dim, seconds } = done;
  if (!complete) {
    const [some, all] = [pictures, Math.max(planned, pictures)].map(grouped);
    diagnostic(`interrupted: ${some} of ${all} pictures were seen; whole parts are kept, and the same command goes on`);
    process.exitCode = EXIT_INTERRUPTED;
    return;
  }
  if (made === 0 && pruned === 0) diagnostic("already finished: nothing to do");
  const where = join(flags.out, PARTS);
  if (failed > 0) {
    const first = firstError === undefined ? "" : `; the first: ${printable(firstError)}`;
    diagnostic(`${grouped(failed)} of ${grouped(pictures)} pictures failed: see the column error of ${where}${first}`);
  }
  const rows = pictures - failed;
  // A shard without parts is no failure.
  if (rows === 0 && pictures > 0) process.exitCode = 1;
  const memoryMb = Math.round(process.resourceUsage().maxRSS / 1000);
  if (flags.json) {
    const out = { out: flags.out, format: "parquet", parts, rows, failed, computed, dim, seconds, memoryMb };
    if (flags.prune) Object.assign(out, { pruned });
    await result(JSON.stringify(out));
    return;
  }
  const rate = computed > 0 ? `, ${(computed / seconds).toFixed(1)} pictures/s` : "";
  diagnostic(`${seconds.toFixed(1)} s${rate}, ${grouped(memoryMb)} MB of memory at most`);
  await result(`${printable(where)}: ${grouped(rows)} rows of ${grouped(dim)} numbers in ${grouped(parts)} parts`);
}

async function anyExists(entries: readonly Entry[]): Promise<boolean> {
  for (const { path, member, error } of entries) {
    if (error !== undefined || member || isRemote(path) || (await stat(path).catch(() => undefined))) return true;
  }
  return false;
}
