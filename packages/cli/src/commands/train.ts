import { join } from "node:path";
import type { Command } from "commander";
import { OptionError } from "mobilenets";
import type { DataLoader, TrainState, Warn } from "mobilenets/train";
import { EXIT_INTERRUPTED, interruptible } from "../extract/interrupt.ts";
import { addExamples } from "../help/examples.ts";
import { diagnostic, result } from "../output.ts";
import { printable } from "../printable.ts";
import { withRunLock } from "../run-lock.ts";
import { grouped } from "../table.ts";
import { beginRun, describeRun, readRecord, resumeRun } from "../training/begin-run.ts";
import { BEST, readCheckpoint } from "../training/checkpoint.ts";
import { fileLoader } from "../training/data/file-loader.ts";
import { percent, TrainDisplay } from "../training/display.ts";
import { addTrainOptions, type TrainFlags } from "../training/flags.ts";
import { type InitialModel, initialModel } from "../training/initial-model.ts";
import { limitedWarnings } from "../training/limited-warnings.ts";
import { openTrainingSets, type TrainingSets, unvalidatedOf } from "../training/open-data.ts";
import { planRun, type RunPlan, withDefaults } from "../training/plan-run.ts";
import { readRecipe, recipeOf, withRecipe, withRunRecipe } from "../training/recipe.ts";
import { type RunListener, run } from "../training/run.ts";
import { checkRunFolder, HISTORY, MODEL, RECIPE, REPORT } from "../training/run-folder.ts";

/** Adds the command `train`, which trains a network on the user's pictures. */
export function addTrain(root: Command): void {
  const command = root
    .command("train")
    .summary("train a network on pictures of your own")
    .description("Train a network on pictures of your own: from scratch, or from weights that know others.")
    .argument("[data]", "a folder with a folder of pictures per class, or a list of paths and labels (.csv, .jsonl)");
  addTrainOptions(command).addHelpText("after", help).action(train);
  addExamples(command, [
    ["mobilenets train products --out run", "A classifier for classes of your own, on features of photographs"],
    [
      "mobilenets train products --out tuned --weights run/model.safetensors --mode fine-tune --epochs 3",
      "The whole network, beginning with what the first run has learnt",
    ],
    ["mobilenets train products --out small --network mobilenet_v1 --alpha 0.25 --size 64", "From scratch"],
    ["mobilenets train --resume --out run", "Going on after an interruption"],
  ]);
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
  const work = async (signal: AbortSignal) => {
    const screen = new TrainDisplay(flags.quiet ? { write: () => {} } : process.stderr);
    const clear = () => screen.clear();
    const sets = await openTrainingSets(data, given, limitedWarnings(clear));
    const settings = withDefaults(given, sets.trainIndices.length);
    const plan = planRun(settings, sets.unusual.length > 0);
    const initial = await initialModel(settings, plan, sets.train.classes);
    const { model } = initial;
    const record = describeRun(data, settings, sets, model);
    const recipe = recipeOf(settings);
    const resume = flags.resume && (await resumeRun(flags.out, record));
    announce(settings, plan, sets, initial, resume, (line) => screen.line(line));
    const loaders = openLoaders(sets, settings, limitedWarnings(clear));
    let begun = flags.resume === true;
    const compiled = async (bytes: number, batchSize: number) => {
      screen.line(`a step of ${batchSize} pictures holds ${grouped(Math.ceil(bytes / 1e6))} MB`);
      if (!begun) await beginRun(flags.out, record, recipe);
      begun = true;
    };
    // Every one of these warnings matters, such as a checkpoint that was not written.
    const warn = (message: string) => {
      clear();
      diagnostic(`warning: ${message}`);
    };
    const listener = { ...listenerFor(screen, plan.epochs, settings), compiled, warn };
    try {
      const outcome = await run({ flags: settings, plan, sets, model, resume, loaders, signal, listener });
      const title = `${model.program.graph.name} on ${data}`;
      // The library for the charts is slow to load.
      const { writeReport } = await import("../training/report/write.ts");
      await writeReport(flags.out, { title, plan, sets, recipe, ...outcome });
      screen.clear();
      await conclude(flags, outcome, sets);
    } catch (error) {
      screen.clear();
      if (!signal.aborted || error !== signal.reason) throw error;
      process.exitCode = EXIT_INTERRUPTED;
      diagnostic(
        begun ? await howToResume(flags.out) : "interrupted before the first step: the same command begins anew",
      );
    } finally {
      loaders.train.close();
      loaders.validation.close();
    }
  };
  await withRunLock(flags.out, async () => {
    // Another run may have used the folder since the first check.
    await checkRunFolder(flags.out, flags);
    await interruptible(work);
  });
}

/** The data and options from the command line, a recipe, or the resumed run. */
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

function openLoaders({ train, validation }: TrainingSets, { workers }: TrainFlags, warn: Warn) {
  const open = (dataset: TrainingSets["train"]): DataLoader =>
    fileLoader(dataset, { workers, onSkip: ({ message }) => warn(`left out: ${message}`) });
  const first = open(train);
  return { train: first, validation: validation === train ? first : open(validation) };
}

function announce(
  flags: TrainFlags,
  plan: RunPlan,
  { trainIndices, validationIndices, train, unusual }: TrainingSets,
  { model, classifier }: InitialModel,
  resume: TrainState | undefined,
  say: (line: string) => void,
): void {
  const counts = `${grouped(trainIndices.length)} pictures to train with, ${grouped(validationIndices.length)} to validate with`;
  say(`${plan.mode}: ${model.program.graph.name}, ${train.classes.length} classes, ${counts}`);
  if (unusual.length > 0) {
    const [{ id, labels }] = unusual;
    const which = `${grouped(unusual.length)} pictures have not exactly one, ${id} has ${labels.length || "none"}`;
    say(`multi-label: every class may be in a picture or not, since ${which}`);
  }
  if (!resume && classifier === "kept") say("the classifier is that of the weights, whose classes are the same");
  if (!resume && classifier === "fresh") say("the classifier is a fresh one, for the classes of these pictures");
  if (!flags.resume) return;
  if (!resume) say("no checkpoint yet: from the beginning");
  else if (resume.progress.epoch >= plan.epochs) say("training is finished already: writing its results again");
  else
    say(`going on after step ${grouped(resume.progress.step)}, in epoch ${resume.progress.epoch + 1}/${plan.epochs}`);
}

function listenerFor(
  display: TrainDisplay,
  epochs: number,
  { json }: TrainFlags,
): Pick<RunListener, "features" | "step" | "epoch"> {
  const print = (event: string, values: object) => result(JSON.stringify({ event, ...values }));
  return {
    features: (done, total) => display.features(done, total),
    async step(event) {
      display.step(event, epochs);
      if (json) await print("step", event);
    },
    async epoch({ weights, ...event }) {
      display.epoch({ weights, ...event }, epochs);
      if (json) await print("epoch", event);
    },
  };
}

async function conclude(
  flags: TrainFlags,
  { history, evaluation }: Awaited<ReturnType<typeof run>>,
  sets: TrainingSets,
): Promise<void> {
  const without = evaluation ? unvalidatedOf(sets) : [];
  const path = join(flags.out, MODEL);
  const scores = evaluation && (({ verdicts, ...rest }) => rest)(evaluation);
  if (flags.json) {
    await result(
      JSON.stringify({ event: "end", model: path, epochs: history.length, validation: scores, unvalidated: without }),
    );
    return;
  }
  const accuracies = history.map(({ validation }) => validation?.accuracy ?? Number.NaN);
  const best = Math.max(...accuracies);
  if (scores && best > scores.accuracy) {
    diagnostic(`epoch ${accuracies.indexOf(best) + 1} was better, ${percent(best)}: it is in ${join(flags.out, BEST)}`);
  }
  diagnostic(`report: ${join(flags.out, REPORT)}`);
  const found = scores && !Number.isNaN(scores.accuracy) ? `accuracy ${percent(scores.accuracy)}` : undefined;
  const name = printable(path);
  const most = without.slice(0, MOST_NAMED).map((label) => printable(JSON.stringify(label)));
  const more = without.length > MOST_NAMED ? ` and ${without.length - MOST_NAMED} more` : "";
  const but = without.length > 0 ? `, none of them of ${most.join(", ")}${more}` : "";
  await result(
    scores && found ? `${name}: ${found} on ${grouped(scores.examples)} pictures to validate with${but}` : name,
  );
}

/** Most classes to name in a line. */
const MOST_NAMED = 5;

async function howToResume(out: string): Promise<string> {
  const state = await readCheckpoint(out);
  const kept = state ? `a checkpoint of step ${grouped(state.progress.step)} is kept` : "nothing was learnt yet";
  return `interrupted: ${kept}; mobilenets train --resume --out ${out} goes on`;
}
