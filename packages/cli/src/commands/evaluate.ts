import type { Command } from "commander";
import { Model, OptionError, TrainingError, tensor } from "mobilenets";
import { type Program, selectEngine } from "mobilenets/graph";
import {
  asTwoClasses,
  type Evaluation,
  evaluate,
  evaluationBatches,
  lastActivation,
  type Skipped,
  type Warn,
} from "mobilenets/train";
import { addExamples } from "../help/examples.ts";
import { groups, inGroup } from "../help/groups.ts";
import { announcePipeline, loadModel } from "../load-model.ts";
import { toInteger } from "../numbers.ts";
import { result } from "../output.ts";
import { printable } from "../printable.ts";
import { addRunOptions, type RunFlags } from "../run-options.ts";
import { grouped } from "../table.ts";
import { classScores, classTable, commonConfusions, confusionOf } from "../training/class-scores.ts";
import type { FileDataset } from "../training/data/file-dataset.ts";
import { fileLoader } from "../training/data/file-loader.ts";
import { percent } from "../training/display.ts";
import { limitedWarnings } from "../training/limited-warnings.ts";
import { evaluatedPart, openDataset, unusualOf } from "../training/open-data.ts";

interface EvaluateFlags extends RunFlags {
  readonly batch: number;
  readonly workers?: number;
  readonly json?: true;
}

/** Adds the command `evaluate`, which measures a network on pictures with known classes. */
export function addEvaluate(root: Command): void {
  const command = root
    .command("evaluate")
    .summary("measure how well a network recognises pictures")
    .description("Measure how well a network recognises pictures whose classes are known.")
    .argument("<data>", "a folder with a folder of pictures per class, or a list of paths and labels (.csv, .jsonl)")
    .option("--json", "print one JSON object");
  addRunOptions(command, { limits: false });
  inGroup(command, groups.running, () =>
    command
      .option("--batch <n>", "pictures per pass", toInteger(1), 32)
      .option("--workers <n>", "threads that decode (default: half of the processor's, at most 4)", toInteger(0, 64)),
  );
  command
    .addHelpText(
      "after",
      "\nClasses are matched by name, and must be among the network's labels. Exit codes: 0 done, also if some\npictures cannot be read, 1 the job failed, 2 bad usage.",
    )
    .action(run);
  addExamples(command, [
    ["mobilenets evaluate products --weights run/model.safetensors", "How good is what `train` made?"],
    ["mobilenets evaluate products --weights run/model.safetensors --json", "The same, for other programs"],
    ["mobilenets evaluate products --weights run/model.safetensors --crop squash", "With the whole of each picture"],
  ]);
}

async function run(data: string, flags: EvaluateFlags): Promise<void> {
  const loaded = await loadModel(flags);
  // A network with one output gives the probability of the second of two classes.
  const program = loaded.labels.length === 1 ? loaded.program : asTwoClasses(loaded.program);
  const model = program === loaded.program ? loaded : withProgram(loaded, program, flags);
  announcePipeline(model);
  try {
    const warn = limitedWarnings();
    const dataset = await open(await evaluatedPart(data, warn), model, warn);
    const multiLabel = isMultiLabel(model, dataset, data);
    const leftOut = limitedWarnings();
    const onSkip = ({ message }: Skipped) => leftOut(`left out: ${message}`);
    const loader = fileLoader(dataset, { workers: flags.workers, cacheBytes: 0, onSkip });
    const indices = [...dataset.examples.keys()];
    const { preprocessing } = model;
    const batches = (batchSize: number, some = indices) =>
      evaluationBatches({ loader, indices: some, batchSize, preprocessing, targets: { multiLabel } });
    try {
      const latency = await medianLatency(model, batches(1, indices.slice(0, LATENCY_RUNS)));
      const start = performance.now();
      const { threads, providers, engine = "auto" } = flags;
      const evaluation = await evaluate(
        model.program,
        selectEngine(engine, { threads, providers }),
        batches(flags.batch),
        {
          loss: multiLabel ? "sigmoid_cross_entropy" : "softmax_cross_entropy",
        },
      );
      const seconds = (performance.now() - start) / 1000;
      if (Number.isNaN(evaluation.loss)) throw unusable(model, flags);
      await print(
        { evaluation, latency, imagesPerSecond: evaluation.examples / seconds, skipped: loader.skipped.length },
        dataset,
        flags,
      );
    } finally {
      loader.close();
    }
  } finally {
    model.dispose();
  }
}

function withProgram(model: Model, program: Program, { engine = "auto", threads, providers }: EvaluateFlags): Model {
  const { labels, preprocessing, notes, ops } = model;
  model.dispose();
  return new Model({ program, labels, preprocessing, notes, ops }, selectEngine(engine, { threads, providers }));
}

/** @throws OptionError if the classes of the pictures and the network differ */
async function open(data: string, model: Model, warn: Warn): Promise<FileDataset> {
  const { shape } = model.program.graph.nodes.find(({ name }) => name === model.program.graph.outputs[0])!;
  const outputs = shape[shape.length - 1];
  if (model.labels.length > 0) return openDataset(data, model.labels, warn);
  const dataset = await openDataset(data, undefined, warn);
  if (dataset.classes.length !== outputs) {
    throw new OptionError({
      where: data,
      found: `${dataset.classes.length} classes`,
      expected: `${outputs}, as many as ${model.name} tells apart`,
      hint: "its weights came without labels, so classes can only be matched by their number",
    });
  }
  warn("the weights came without labels: classes are taken in the order of their names");
  return dataset;
}

/**
 * True if each class is a yes-or-no question. The last activation decides; for logits, the labels of the pictures.
 * @throws OptionError for several labels, or none, if the network chooses one class
 */
function isMultiLabel({ name, program }: Model, dataset: FileDataset, data: string): boolean {
  const [first, ...others] = unusualOf(dataset);
  const last = lastActivation(program.graph);
  if (last === "sigmoid") return true;
  if (last !== "softmax" || !first) return first !== undefined;
  throw new OptionError({
    where: data,
    found: `${first.id} with ${first.labels.length || "no"} labels${others.length > 0 ? `, and ${others.length} more` : ""}`,
    expected: `one label for each picture: of all classes ${name} chooses one (its classifier ends in softmax)`,
  });
}

/** The error for a network that computes NaN. */
function unusable({ name }: Model, { weights }: EvaluateFlags): TrainingError {
  return new TrainingError({
    where: weights ?? name,
    found: "answers that are no numbers",
    expected: "a probability for each class",
    hint: "is this the file of a run that diverged, or of values too large for float16?",
  });
}

const LATENCY_RUNS = 50;
const WARM_UP = 5;

/** Median milliseconds for one prepared picture. */
async function medianLatency(model: Model, batches: ReturnType<typeof evaluationBatches>): Promise<number> {
  const times: number[] = [];
  for await (const { images } of batches) {
    const input = tensor([1, ...model.inputShape], images);
    for (let i = times.length === 0 ? WARM_UP : 0; i > 0; i--) await model.predict(input);
    const start = performance.now();
    await model.predict(input);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

interface Results {
  readonly evaluation: Evaluation;
  /** In milliseconds. Undefined if no picture can be read. */
  readonly latency: number;
  readonly imagesPerSecond: number;
  readonly skipped: number;
}

const CONFUSIONS = 10;

async function print(results: Results, { classes }: FileDataset, { json }: EvaluateFlags): Promise<void> {
  const { evaluation, latency, imagesPerSecond, skipped } = results;
  const { verdicts, ...scores } = evaluation;
  const matrix = confusionOf(verdicts, classes.length);
  const perClass = verdicts.length > 0 ? classScores(matrix, classes) : [];
  if (json) {
    const confusion = verdicts.length > 0 ? matrix : undefined;
    const object = { ...scores, latencyMs: latency, imagesPerSecond, skipped, classes: perClass, confusion };
    return result(JSON.stringify(object));
  }
  const lines = [
    `${grouped(scores.examples)} pictures: accuracy ${percent(scores.accuracy)}${top5(scores.top5, classes.length)}, loss ${scores.loss.toFixed(3)}`,
    `${latency.toFixed(1)} ms for one picture (median), ${grouped(Math.round(imagesPerSecond))} pictures/s with reading them`,
  ];
  if (perClass.length > 0) lines.push("", ...classTable(perClass.filter(({ count }) => count > 0)));
  const confused = commonConfusions(matrix, classes, CONFUSIONS);
  if (confused.length > 0) lines.push("", "most often taken for another:");
  for (const { label, predicted, count } of confused)
    lines.push(`  ${count} x ${printable(label)} for ${printable(predicted)}`);
  return result(lines.join("\n"));
}

/** The top-5 accuracy, or an empty text for up to five classes, where it is always 1. */
function top5(share: number, classes: number): string {
  return Number.isNaN(share) || classes <= 5 ? "" : ` (${percent(share)} among the best five)`;
}
