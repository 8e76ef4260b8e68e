import { join } from "node:path";
import type { Command } from "commander";
import { type DataLoader, OptionError, type Skipped, type TrainState } from "mobilenets";
import { EXIT_INTERRUPTED, interruptible } from "../extract/interrupt.ts";
import { diagnostic, result } from "../output.ts";
import { grouped } from "../table.ts";
import { beginRun, describeRun, readRecord, resumeRun } from "../training/begin-run.ts";
import { BEST, readCheckpoint } from "../training/checkpoint.ts";
import { fileLoader } from "../training/data/file-loader.ts";
import { percent, TrainDisplay } from "../training/display.ts";
import { addTrainOptions, type TrainFlags } from "../training/flags.ts";
import { initialModel } from "../training/initial-model.ts";
import { openTrainingSets, type TrainingSets } from "../training/open-data.ts";
import { planRun, type RunPlan, withDefaults } from "../training/plan-run.ts";
import { readRecipe, recipeOf, withRecipe, withRunRecipe } from "../training/recipe.ts";
import { writeReport } from "../training/report/write.ts";
import { type RunListener, run } from "../training/run.ts";
import { checkRunFolder, HISTORY, MODEL, RECIPE, REPORT } from "../training/run-folder.ts";

export function addTrain(root: Command): void {
  const command = root
    .command("train")
    .description("Train a network on pictures of your own: from scratch, or from weights that know others.")
    .argument("[data]", "a folder with a folder of pictures per class, or a list of paths and labels (.csv, .jsonl)");
  addTrainOptions(command).addHelpText("after", help).action(train);
}

const help = `
Writes to the folder:
  ${MODEL}           what was learnt, with labels and preprocessing: for classify, embed, extract, evaluate
  ${REPORT}                 curves, classes, confusions, worst mistakes
  ${HISTORY}, ${RECIPE}  a line per epoch; the options, for --recipe
  checkpoints/                where --resume goes on; the model of the best epoch

Ctrl-C finishes the step and keeps a checkpoint. Interrupted or killed, --resume goes on, and ends in the same model to
the byte as without the interruption.

Exit codes: 0 done, 1 the job failed, 2 bad usage, 130 interrupted.`;

async function train(path: string | undefined, flags: TrainFlags, command: Command): Promise<void> {
  await checkRunFolder(flags.out, flags);
  const { data, settings: given } = await resolve(path, flags, command);
  await interruptible(async (signal) => {
    const warn = (message: string) => diagnostic(`warning: ${message}`);
    const sets = await openTrainingSets(data, given, warn);
    const settings = withDefaults(given, sets.trainIndices.length);
    const plan = planRun(settings, sets.multiLabel);
    const model = await initialModel(settings, plan, sets.train.classes);
    const record = describeRun(data, settings, sets, model);
    let resume: TrainState | undefined;
    if (flags.resume) resume = await resumeRun(flags.out, record);
    else await beginRun(flags.out, record, recipeOf(settings));
    const display = new TrainDisplay(flags.quiet ? { write: () => {} } : process.stderr, plan.epochs);
    announce(settings, plan, sets, model.program.graph.name, resume, (line) => display.line(line));
    const loaders = openLoaders(sets, settings, new SkipNotes());
    try {
      const listener = listenerFor(display, settings);
      const outcome = await run({ flags: settings, plan, sets, model, resume, loaders, signal, listener });
      const { history, evaluation } = outcome;
      const title = `${model.program.graph.name} on ${data}`;
      await writeReport(flags.out, { title, plan, sets, recipe: recipeOf(settings), history, evaluation });
      display.clear();
      await conclude(flags, outcome);
    } catch (error) {
      display.clear();
      if (!signal.aborted || error !== signal.reason) throw error;
      await sayHowToResume(flags.out);
    } finally {
      loaders.train.close();
      loaders.validation.close();
    }
  });
}

/** Data and options: of the command line, of a recipe, or of the run that goes on. */
async function resolve(data: string | undefined, flags: TrainFlags, command: Command) {
  if (!flags.resume) {
    if (data === undefined) {
      throw new OptionError({
        where: "train",
        found: "no pictures",
        expected: "a folder, or a list of paths and labels",
      });
    }
    const settings = flags.recipe ? withRecipe(command, await readRecipe(flags.recipe), flags.recipe) : flags;
    return { data, settings };
  }
  if (flags.recipe) {
    throw new OptionError({ where: "--resume", found: "--recipe as well", hint: "the run has its recipe already" });
  }
  const path = join(flags.out, RECIPE);
  const settings = withRunRecipe(command, await readRecipe(path), path);
  const begun = await readRecord(flags.out);
  return { data: data ?? begun.data, settings: { ...settings, val: flags.val ?? begun.val } };
}

function openLoaders({ train, validation }: TrainingSets, { workers }: TrainFlags, notes: SkipNotes) {
  const open = (dataset: TrainingSets["train"]): DataLoader =>
    fileLoader(dataset, { workers, onSkip: (skipped) => notes.add(skipped) });
  const first = open(train);
  return { train: first, validation: validation === train ? first : open(validation) };
}

/** Unreadable pictures, the first few by name. */
class SkipNotes {
  #count = 0;

  add({ message }: Skipped): void {
    this.#count++;
    if (this.#count <= 10) diagnostic(`warning: left out: ${message}`);
    if (this.#count === 11) diagnostic("warning: more pictures cannot be read; these are left out as well");
  }
}

function announce(
  flags: TrainFlags,
  plan: RunPlan,
  { trainIndices, validationIndices, train }: TrainingSets,
  network: string,
  resume: TrainState | undefined,
  say: (line: string) => void,
): void {
  const counts = `${grouped(trainIndices.length)} pictures to train with, ${grouped(validationIndices.length)} to validate with`;
  say(`${plan.mode}: ${network}, ${train.classes.length} classes, ${counts}`);
  if (!flags.resume) return;
  if (!resume) say("no checkpoint yet: from the beginning");
  else if (resume.progress.epoch >= plan.epochs) say("training is finished already: writing its results again");
  else
    say(`going on after step ${grouped(resume.progress.step)}, in epoch ${resume.progress.epoch + 1}/${plan.epochs}`);
}

function listenerFor(display: TrainDisplay, { json }: TrainFlags): RunListener {
  const print = (event: string, values: object) => result(JSON.stringify({ event, ...values }));
  return {
    say: (line) => display.line(line),
    features: (done, total) => display.features(done, total),
    async step(event) {
      display.step(event);
      if (json) await print("step", event);
    },
    async epoch({ weights, ...event }) {
      display.epoch({ weights, ...event });
      if (json) await print("epoch", event);
    },
  };
}

async function conclude(flags: TrainFlags, { history, evaluation }: Awaited<ReturnType<typeof run>>): Promise<void> {
  const path = join(flags.out, MODEL);
  const scores = evaluation && (({ verdicts, ...rest }) => rest)(evaluation);
  if (flags.json) {
    await result(JSON.stringify({ event: "end", model: path, epochs: history.length, validation: scores }));
    return;
  }
  const accuracies = history.map(({ validation }) => validation?.accuracy ?? Number.NaN);
  const best = Math.max(...accuracies);
  if (scores && best > scores.accuracy) {
    diagnostic(`epoch ${accuracies.indexOf(best) + 1} was better, ${percent(best)}: it is in ${join(flags.out, BEST)}`);
  }
  diagnostic(`report: ${join(flags.out, REPORT)}`);
  const found = scores && !Number.isNaN(scores.accuracy) ? `accuracy ${percent(scores.accuracy)}` : undefined;
  await result(scores && found ? `${path}: ${found} on ${grouped(scores.examples)} pictures to validate with` : path);
}

async function sayHowToResume(out: string): Promise<void> {
  const state = await readCheckpoint(out);
  const from = state ? `a checkpoint of step ${grouped(state.progress.step)} is kept` : "nothing was learnt yet";
  diagnostic(`interrupted: ${from}; mobilenets train --resume --out ${out} goes on`);
  process.exitCode = EXIT_INTERRUPTED;
}
