import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { ImageError, type Model, OptionError } from "mobilenets";
import { checkLayer, featuriser, measureDim } from "../extract/features.ts";
import { EXIT_INTERRUPTED, interruptible } from "../extract/interrupt.ts";
import { ProgressDisplay } from "../extract/progress.ts";
import { openRun } from "../extract/run.ts";
import { describeRun } from "../extract/run-record.ts";
import { FEATURES, type FeatureStore, ITEMS } from "../extract/store.ts";
import { addExamples } from "../help/examples.ts";
import { groups, inGroup } from "../help/groups.ts";
import { announcePipeline, loadModel } from "../load-model.ts";
import { addTopOptions } from "../network-options.ts";
import { toInteger } from "../numbers.ts";
import { diagnostic, result } from "../output.ts";
import { DEFAULT_BATCH, type Inferred, infer } from "../pictures/infer.ts";
import { limitsOf } from "../pictures/limits.ts";
import { type BadPicture, isBad } from "../pictures/open.ts";
import { STDIN } from "../pictures/read-stdin.ts";
import { isUrl } from "../pictures/read-url.ts";
import { type Input, pathOf, walk } from "../pictures/walk.ts";
import { printable } from "../printable.ts";
import { withRunLock } from "../run-lock.ts";
import { addRunOptions, type RunFlags } from "../run-options.ts";
import { grouped } from "../table.ts";

interface ExtractFlags extends RunFlags {
  readonly out: string;
  readonly layer?: string;
  readonly batchSize: number;
  readonly overwrite?: true;
  readonly quiet?: true;
  readonly json?: true;
}

export function addExtract(root: Command): void {
  const command = root
    .command("extract")
    .summary("write the features of many pictures to a folder, a row each")
    .description("Write the features of many pictures to a folder, a row each. Can be stopped and resumed at any time.")
    .argument("<inputs...>", "picture files, folders (searched at every depth), globs and http(s) addresses")
    .requiredOption("--out <dir>", "where the results go; made if missing")
    .option("--layer <name>", "an inner layer's result instead of the embedding; maps are averaged over the picture")
    .option("--overwrite", "throw away what an earlier run left in the folder")
    .option("--json", "print one JSON object at the end");
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
    ["mobilenets extract photos --out edges --layer block2b_add", "What an inner layer sees"],
  ]);
}

const help = `
Writes three files to the folder:
  ${FEATURES}  float32 matrix in NumPy's format, a row per readable picture
  ${ITEMS}   a line per picture in input order: path, sha256, width, height, row; or path and error
  run.json      the model and settings the run was begun with

Interrupted or killed, the same command goes on where it stopped, and the result is the same to the byte as
without the interruption. With other settings or pictures it refuses to mix results.

Exit codes: 0 every picture has a row or an error (also if some failed: stderr says how many), 1 no picture could be
read or the job failed, 2 bad usage, 130 interrupted.`;

async function extract(inputs: string[], flags: ExtractFlags): Promise<void> {
  const start = performance.now();
  if (inputs.includes(STDIN)) {
    const expected = "pictures that can be read again, since a run may be stopped and resumed";
    throw new OptionError({ where: STDIN, found: "standard input", expected, hint: "embed reads one from there" });
  }
  const paths = await walk(inputs);
  if (paths.length === 0) throw new ImageError({ where: inputs.join(" "), found: "no pictures" });
  // A misspelt name shall not begin a run that the right one would then not fit.
  if (!(await anyExists(paths))) throw new ImageError({ where: inputs.join(" "), found: "no such file or folder" });
  const model = await loadModel(flags);
  announcePipeline(model, { onlyOthers: true });
  try {
    // Before a run is begun, or compared with one that was.
    if (flags.layer !== undefined) checkLayer(model, flags.layer);
    const store = await withRunLock(flags.out, () => fill(model, paths, flags));
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
  } finally {
    model.dispose();
  }
}

async function anyExists(paths: readonly Input[]): Promise<boolean> {
  for (const path of paths) {
    if (typeof path !== "string" || isUrl(path) || (await stat(path).catch(() => undefined))) return true;
  }
  return false;
}

/** Brings the run in the folder to its end, or as far as the user lets it; the store is closed then. */
async function fill(model: Model, paths: readonly Input[], flags: ExtractFlags): Promise<FeatureStore> {
  const featurise = featuriser(model, flags.layer);
  const run = describeRun(model, flags, flags.layer);
  const store = await openRun(flags.out, paths.map(pathOf), run, () => measureDim(featurise), flags.overwrite);
  try {
    if (store.count === paths.length) {
      diagnostic("already finished: nothing to do");
      return store;
    }
    if (store.count > 0) diagnostic(`going on after ${grouped(store.count)} of ${grouped(paths.length)} pictures`);
    await interruptible(async (signal) => {
      const progress = flags.quiet ? undefined : new ProgressDisplay(process.stderr, paths.length, store.count);
      // The last in a row that cannot be read are kept back: should the machine turn out to be the reason, nothing is
      // written of them, and the next run tries them again.
      let keptBack: (Inferred<Float32Array> | BadPicture)[] = [];
      for await (const batch of infer(paths.slice(store.count), featurise, flags.batchSize, limitsOf(flags))) {
        const all = [...keptBack, ...batch];
        const end = all.findLastIndex((item) => !isBad(item) || !item.unreadable) + 1;
        keptBack = all.slice(end);
        if (end > 0) await store.append(all.slice(0, end));
        progress?.update(store.count, store.failed);
        if (signal.aborted) break;
      }
      if (!signal.aborted && keptBack.length > 0) await store.append(keptBack);
      progress?.update(store.count, store.failed);
      progress?.end();
    });
    return store;
  } finally {
    await store.close();
  }
}
