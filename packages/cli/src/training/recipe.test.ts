import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Command } from "commander";
import { OptionError } from "mobilenets";
import { addTrainOptions, type TrainFlags } from "./flags.ts";
import { planRun, withDefaults } from "./plan-run.ts";
import { readRecipe, recipeOf, withRecipe, withRunRecipe } from "./recipe.ts";

function parse(...args: string[]): Command {
  const command = addTrainOptions(new Command("train").exitOverride().configureOutput({ writeErr: () => {} }));
  command.parse(["--out", "run", ...args], { from: "user" });
  return command;
}
const flags = (...args: string[]): TrainFlags => parse(...args).opts();
const refuses = (run: () => unknown, message: RegExp) =>
  assert.throws(run, (error) => error instanceof OptionError && message.test(error.message));

const everything = [
  ...["--network", "mobilenet_v2", "--alpha", "0.5", "--size", "64x96", "--channels", "1", "--flavor", "torchvision"],
  ...["--epochs", "7", "--batch", "16", "--accumulate", "2", "--optimizer", "rmsprop", "--lr", "0.1"],
  ...["--schedule", "step:0.1:3", "--warmup", "0.5", "--weight-decay", "0.001", "--clip", "2", "--ema", "0.99"],
  ...["--label-smoothing", "0.1", "--class-weights", "1,2,0.5", "--augment", "standard", "--mixup", "0.2"],
  ...["--cutmix", "1", "--dropout", "0.3", "--seed", "4", "--val-split", "0.2", "--recalibrate"],
];

test("a recipe holds all options that decide the result, and gives them back", () => {
  const given = withDefaults(flags(...everything), 1000);
  const recipe = JSON.parse(JSON.stringify(recipeOf(given)));
  assert.deepEqual(
    Object.keys(recipe).filter((key) => ["out", "threads", "json"].includes(key)),
    [],
  );
  assert.deepEqual(withRecipe(parse("--threads", "2"), recipe, "r.json"), { ...given, threads: 2 });
  assert.deepEqual(recipeOf(withDefaults(withRecipe(parse(), recipe, "r.json"), 3)), recipe);
  assert.equal(recipe.size, "64x96");
  assert.equal(recipe.schedule, "step:0.1:3");
});

test("options of the command line go before those of a recipe", () => {
  const { lr, epochs } = withRecipe(parse("--lr", "0.5"), { lr: 0.1, epochs: 3 }, "r.json");
  assert.deepEqual([lr, epochs], [0.5, 3]);
});

test("what is no option, or no value of one, is refused by name", () => {
  refuses(
    () => withRecipe(parse(), { learningRate: 1 }, "r.json"),
    /^r\.json: "learningRate", expected one of weights, /,
  );
  refuses(() => withRecipe(parse(), { out: "x" }, "r.json"), /^r\.json: "out"/);
  refuses(() => withRecipe(parse(), { epochs: 0 }, "r.json"), /^r\.json: "epochs": 0, expected an integer >= 1/);
  refuses(() => withRecipe(parse(), { optimizer: "lion" }, "r.json"), /^r\.json: "optimizer": "lion"/);
  refuses(() => withRecipe(parse(), { lr: [1] }, "r.json"), /^r\.json: "lr": \[1\], expected a number or a text/);
  refuses(() => withRecipe(parse(), { schedule: "linear" }, "r.json"), /"schedule": "linear"/);
  refuses(() => withRecipe(parse(), { minimalistic: "yes" }, "r.json"), /"minimalistic": "yes", expected true/);
});

test("a run goes on only with the options it was begun with", () => {
  const begun = recipeOf(withDefaults(flags("--network", "mobilenet_v1", "--lr", "0.1"), 100));
  assert.equal(withRunRecipe(parse("--lr", "0.1", "--threads", "1"), begun, "run/recipe.json").lr, 0.1);
  refuses(
    () => withRunRecipe(parse("--lr", "0.2"), begun, "run/recipe.json"),
    /^run\/recipe\.json: a run begun with lr 0\.1, expected 0\.2: leave it out to go on/,
  );
  refuses(() => withRunRecipe(parse("--mixup", "0.2"), begun, "run/recipe.json"), /mixup left open/);
});

test("a file that holds no recipe is refused", async () => {
  const dir = await mkdtemp(join(tmpdir(), "mobilenets-"));
  try {
    const path = join(dir, "recipe.json");
    for (const text of ["[1]", "{", "null"]) {
      await writeFile(path, text);
      await assert.rejects(readRecipe(path), /recipe\.json: .*, expected .*: a recipe has options by their names/);
    }
  } finally {
    await rm(dir, { recursive: true });
  }
});

test("defaults follow the mode, which follows the weights", () => {
  const scratch = withDefaults(flags("--network", "mobilenet_v1"), 1000);
  assert.deepEqual(
    [scratch.mode, scratch.epochs, scratch.batch, scratch.warmup, scratch.augment],
    ["scratch", 30, 32, 1, "light"],
  );
  assert.deepEqual([withDefaults(flags(), 9).mode, withDefaults(flags(), 9).weights], ["transfer", "imagenet"]);
  const transfer = withDefaults(flags("--weights", "w.safetensors"), 9);
  assert.deepEqual(
    [transfer.mode, transfer.optimizer, transfer.batch, transfer.augment],
    ["transfer", "adam", 9, "none"],
  );
  const tuned = planRun(withDefaults(flags("--weights", "w", "--mode", "fine-tune", "--epochs", "2"), 100), false);
  assert.deepEqual(tuned.learningRate, { peak: 0.01, schedule: { kind: "cosine" }, warmup: 0.2 });
});

test("options that do not go together are refused", () => {
  const plan = (...args: string[]) => withDefaults(flags(...args), 100);
  refuses(() => plan("--mode", "scratch"), /--network: none: name the network to train from scratch/);
  refuses(() => plan("--mode", "scratch", "--weights", "w"), /--mode scratch: --weights w/);
  refuses(
    () => plan("--weights", "w", "--from-layer", "x"),
    /--from-layer: given with --mode transfer: it is for --mode fine-tune/,
  );
  refuses(
    () => plan("--weights", "w", "--augment", "light"),
    /--augment: given with --mode transfer: features are computed once/,
  );
});
