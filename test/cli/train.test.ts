import assert from "node:assert/strict";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { readSafetensors, writeSafetensors } from "mobilenets/weights";
import { temporaryFolder } from "./folder.ts";
import { jsonLines, mobilenets, outcome, start } from "./run.ts";
import { writeShapes } from "./shapes.ts";

// Flavour timm: its moving statistics follow within the few steps there are here.
const network = ["--network", "mobilenet_v1", "--flavor", "timm", "--alpha", "0.25", "--size", "32"];
const tiny = [...network, "--lr", "0.02", "--batch", "8", "--workers", "1"];
const training = [...tiny, "--epochs", "12", "--ema", "0.7", "--val-split", "0.25"];

const root = await temporaryFolder();
const data = join(root, "shapes");
await writeShapes(data, 24);
/** A run left alone, which others are held against. */
const alone = join(root, "alone");
const outcomeAlone = await mobilenets(["train", data, ...training, "--out", alone]);
const env = { env: { ...process.env, XDG_CACHE_HOME: join(root, "cache") } };

const bytesOf = (out: string, file = "model.safetensors") => readFile(join(out, file));
const linesOf = async (out: string) =>
  (await readFile(join(out, "history.jsonl"), "utf8").catch(() => "")).split("\n").length - 1;

test("from scratch it learns, shows how far it is, and writes a whole run", async () => {
  const [out, { code, stdout, stderr }] = [alone, outcomeAlone];
  assert.equal(code, 0, stderr);
  assert.match(stderr, /scratch: mobilenet_v1, 2 classes, \d+ pictures to train with, \d+ to validate with/);
  assert.match(stderr, /a step of 8 pictures holds \d+ MB/);
  assert.match(stderr, /epoch 12\/12: loss [\d.]+, accuracy [\d.]+%, validation loss/);
  assert.match(stdout, /model\.safetensors: accuracy [\d.]+% on \d+ pictures to validate with/);
  const history = jsonLines(await readFile(join(out, "history.jsonl"), "utf8")) as { loss: number }[];
  assert.equal(history.length, 12);
  assert.ok(history[11].loss < 0.5 * history[0].loss, `${history.map(({ loss }) => loss)}`);
  const recipe = JSON.parse(await readFile(join(out, "recipe.json"), "utf8"));
  assert.deepEqual([recipe.mode, recipe.epochs, recipe.optimizer, recipe.size], ["scratch", 12, "nesterov", "32x32"]);
  assert.match(await readFile(join(out, "report.html"), "utf8"), /^<!doctype html>.*<svg.*Confusion/s);

  const picture = join(data, "circle", "3.png");
  const classified = await mobilenets(["classify", picture, "--weights", join(out, "model.safetensors"), "--json"]);
  const [{ topK }] = jsonLines(classified.stdout) as { topK: { label: string }[] }[];
  assert.deepEqual(topK.map(({ label }) => label).sort(), ["circle", "square"], "the model knows its labels");
});

test("the same recipe again gives the same model, on another number of threads too", async () => {
  const out = join(root, "again");
  const recipe = join(alone, "recipe.json");
  const elsewhere = ["--threads", "1", "--workers", "0", "--out", out];
  const { code, stderr } = await mobilenets(["train", data, "--recipe", recipe, ...elsewhere]);
  assert.equal(code, 0, stderr);
  assert.ok((await bytesOf(out)).equals(await bytesOf(alone)));
});

test("killed at random moments and resumed, it ends in the very bytes of a run left alone", async (t) => {
  const out = join(root, "killed");
  const begin = ["train", data, ...training, "--checkpoint-every", "1", "--out", out];
  const again = ["train", "--resume", "--out", out, "--checkpoint-every", "1"];
  for (let kill = 0; kill < 4; kill++) {
    const done = await linesOf(out);
    const begun = await readFile(join(out, "run.json")).then(
      () => true,
      () => false,
    );
    const child = start(begun ? again : begin);
    const ended = outcome(child);
    let running = true;
    ended.finally(() => {
      running = false;
    });
    while (running && (await linesOf(out)) <= done) await sleep(2);
    await sleep(Math.random() * 60);
    child.kill("SIGKILL");
    t.diagnostic(`killed in epoch ${(await linesOf(out)) + 1}, ended by ${(await ended).signal ?? "itself"}`);
  }
  const { code, stderr } = await mobilenets(again);
  assert.equal(code, 0, stderr);
  for (const file of ["model.safetensors", join("checkpoints", "best.safetensors")]) {
    assert.ok((await bytesOf(out, file)).equals(await bytesOf(alone, file)), file);
  }
});

test("Ctrl-C keeps a checkpoint and says how to resume", async () => {
  const out = join(root, "interrupted");
  const child = start(["train", data, ...training, "--out", out]);
  const ended = outcome(child);
  while ((await linesOf(out)) < 1) await sleep(2);
  child.kill("SIGINT");
  const { code, stderr, stdout } = await ended;
  assert.deepEqual([code, stdout], [130, ""], stderr);
  assert.match(
    stderr,
    /interrupted: a checkpoint of step \d+ is kept; mobilenets train --resume --out .*interrupted goes on/,
  );
  const other = await mobilenets(["train", "--resume", "--out", out, "--lr", "0.3"]);
  assert.equal(other.code, 2);
  assert.match(other.stderr, /a run begun with lr 0\.02, expected 0\.3/);
  const resumed = await mobilenets(["train", "--resume", "--out", out, "--json"]);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stderr, /going on after step \d+, in epoch \d+\/12/);
  assert.ok((await bytesOf(out)).equals(await bytesOf(alone)));
  const events = jsonLines(resumed.stdout) as { event: string }[];
  assert.deepEqual([...new Set(events.map(({ event }) => event))].sort(), ["end", "epoch", "step"]);
});

test("a run is not overwritten by accident, nor by a mistyped command", async () => {
  const refused = await mobilenets(["train", data, ...training, "--out", alone]);
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /alone: an earlier run \(.*\), expected a new folder: --resume goes on with it, --overwrite/,
  );
  const mistyped = await mobilenets(["train", `${data}s`, ...training, "--out", alone, "--overwrite"]);
  assert.match(mistyped.stderr, /no such folder/);
  await bytesOf(alone);
  const none = await mobilenets(["train", "--resume", "--out", join(root, "nowhere")]);
  assert.match(none.stderr, /nowhere: no run to go on with/);
});

test("transfer computes features once, fits a classifier, and joins it to its backbone", async () => {
  const three = join(root, "three");
  await writeShapes(three, 16, ["circle", "square", "cross"]);
  const settings = ["--epochs", "30", "--batch", "8", "--lr", "0.01", "--dropout", "0.2"];
  const weights = join(alone, "model.safetensors");
  const begin = (out: string) => mobilenets(["train", three, "--weights", weights, ...settings, "--out", out], env);
  const first = await begin(join(root, "transfer"));
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /transfer: mobilenet_v1, 3 classes.*\nthe classifier is a fresh one/);
  assert.match(first.stderr, /features: \d+\/\d+ pictures/);
  const second = await begin(join(root, "transfer-2"));
  assert.doesNotMatch(second.stderr, /features: /, "they are cached");
  assert.ok((await bytesOf(join(root, "transfer"))).equals(await bytesOf(join(root, "transfer-2"))));

  // One model from picture to class; the classes it was trained on, told by their names.
  const { code, stdout, stderr } = await mobilenets([
    "evaluate",
    three,
    "--weights",
    join(root, "transfer", "model.safetensors"),
    "--json",
  ]);
  assert.equal(code, 0, stderr);
  const scores = JSON.parse(stdout);
  assert.equal(scores.examples, 48);
  assert.ok(scores.accuracy > 0.8, stdout);
  assert.deepEqual(
    scores.classes.map(({ name, count }: { name: string; count: number }) => [name, count]),
    [
      ["circle", 16],
      ["cross", 16],
      ["square", 16],
    ],
  );
});

test("fine-tune from a layer up leaves those before it as they were", async () => {
  const out = join(root, "tuned");
  const weights = join(alone, "model.safetensors");
  const tune = [
    "train",
    data,
    "--weights",
    weights,
    "--mode",
    "fine-tune",
    "--epochs",
    "1",
    "--batch",
    "8",
    "--out",
    out,
  ];
  const wrong = await mobilenets([...tune, "--from-layer", "conv_pw_130"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--from-layer: no layer "conv_pw_130" in mobilenet_v1: did you mean conv_pw_13 or /);
  const { code, stderr } = await mobilenets([...tune, "--from-layer", "conv_pw_13"]);
  assert.equal(code, 0, stderr);
  const [before, after] = await Promise.all([readFile(weights), bytesOf(out)]);
  const changed = Object.entries(readSafetensors(before).tensors).filter(
    ([name, { data }]) => !isDeepStrictEqual(data, readSafetensors(after).tensors[name].data),
  );
  assert.deepEqual([...new Set(changed.map(([name]) => name.split("/")[0]))].sort(), [
    "conv_pw_13",
    "conv_pw_13_bn",
    "predictions",
  ]);
});

test("pictures that cannot be read, an empty class and one of a single picture: it says so and goes on", async () => {
  const difficult = join(root, "difficult");
  await cp(data, difficult, { recursive: true });
  await writeFile(join(difficult, "circle", "broken.png"), "no picture");
  await mkdir(join(difficult, "empty"));
  await mkdir(join(difficult, "single"));
  await cp(join(data, "square", "0.png"), join(difficult, "single", "0.png"));
  const { code, stderr } = await mobilenets([
    "train",
    difficult,
    ...tiny,
    "--epochs",
    "1",
    "--batch",
    "8",
    "--out",
    join(root, "d"),
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /warning: .*empty: no pictures in it, so it is not a class/);
  assert.match(stderr, /warning: class "single": 1 to train with, none to validate with/);
  assert.match(stderr, /warning: left out: .*broken\.png/);
  assert.match(stderr, /3 classes/);

  const one = join(root, "one");
  await cp(join(data, "square"), join(one, "square"), { recursive: true });
  const refused = await mobilenets(["train", one, ...tiny, "--out", join(root, "o")]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /pictures of one class only, "square"/);
});

test("a loss that is no number, and a batch that does not fit, stop it with what to do", async () => {
  const out = join(root, "diverged");
  const { code, stderr } = await mobilenets([
    "train",
    data,
    ...tiny,
    "--lr",
    "1e30",
    "--warmup",
    "0",
    "--batch",
    "8",
    "--out",
    out,
  ]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /error: step \d+: (loss|gradients) (NaN|-?Infinity) at learning rate [\de+.]+, .*try a third of the learning rate/,
  );
  const large = await mobilenets(["train", data, ...tiny, "--batch", "100", "--out", join(root, "large")]);
  assert.equal(large.code, 2);
  assert.match(large.stderr, /100, but there are \d+ examples to train with: a batch size of \d+ fits/);
});

test("evaluate: classes that are not the network's are refused by name", async () => {
  const other = join(root, "other");
  await cp(data, other, { recursive: true });
  await cp(join(data, "circle"), join(other, "plus"), { recursive: true });
  const weights = join(alone, "model.safetensors");
  const { code, stderr } = await mobilenets(["evaluate", other, "--weights", weights]);
  assert.equal(code, 2);
  assert.match(stderr, /class "plus", expected only "circle", "square": do pictures and network belong together\?/);
  await rm(join(other, "plus"), { recursive: true });
  const text = await mobilenets(["evaluate", other, "--weights", weights]);
  assert.equal(text.code, 0, text.stderr);
  assert.match(
    text.stdout,
    /^48 pictures: accuracy [\d.]+%, loss [\d.]+\n[\d.]+ ms for one picture \(median\), [\d,]+ pictures\/s/,
  );
  assert.match(text.stdout, /circle +24 +[\d.]+ +[\d.]+/);
});

test("evaluate: a network that answers NaN is refused rather than scored", async () => {
  const { tensors, metadata } = readSafetensors(await bytesOf(alone));
  const broken = join(root, "broken.safetensors");
  tensors["conv1/kernel"].data[0] = Number.NaN;
  await writeFile(broken, writeSafetensors(tensors, metadata));
  const { code, stdout, stderr } = await mobilenets(["evaluate", data, "--weights", broken]);
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /broken\.safetensors: answers that are no numbers, expected a probability for each class/);
});

test("lists of files and labels, several labels among them", async () => {
  const list = join(root, "list.csv");
  const lines = Array.from({ length: 20 }, (_, i) => `shapes/circle/${i}.png,round,red\nshapes/square/${i}.png,green`);
  await writeFile(list, `path,label\n${lines.join("\n")}\n`);
  const out = join(root, "listed");
  const cycle = ["--epochs", "2", "--schedule", "one-cycle"];
  const { code, stderr } = await mobilenets(["train", list, ...tiny, ...cycle, "--out", out]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /3 classes/);
  assert.match(stderr, /multi-label: .* since 20 pictures have not exactly one, shapes\/circle\/0\.png has 2\n/);
  // One-cycle rises by itself.
  assert.equal(JSON.parse(await readFile(join(out, "recipe.json"), "utf8")).warmup, 0);
  const { stdout } = await mobilenets(["evaluate", list, "--weights", join(out, "model.safetensors"), "--json"]);
  const { accuracy, confusion } = JSON.parse(stdout);
  assert.ok(accuracy >= 0 && accuracy <= 1);
  assert.equal(confusion, undefined);

  const twice = join(root, "twice.csv");
  await writeFile(twice, "shapes/circle/0.png,circle\nshapes/square/0.png,square,circle\n");
  const refused = await mobilenets(["evaluate", twice, "--weights", join(alone, "model.safetensors")]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /twice\.csv: shapes\/square\/0\.png with 2 labels, expected one label for each picture/);
});

test("fewer readable pictures than a batch: transfer takes those there are", async () => {
  const few = join(root, "few");
  for (const name of ["circle", "square"]) {
    await mkdir(join(few, name), { recursive: true });
    for (let i = 0; i < 8; i++) await cp(join(data, name, `${i}.png`), join(few, name, `${i}.png`));
    for (const bad of ["x.png", "y.png"]) await writeFile(join(few, name, bad), "no picture");
  }
  const weights = ["--weights", join(alone, "model.safetensors"), "--mode", "transfer"];
  const out = join(root, "few-out");
  const { code, stderr } = await mobilenets(["train", few, ...weights, "--val-split", "0", "--out", out], env);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /a step of 16 pictures/);
});

test("no picture to validate with can be read: it says so, and trains", async () => {
  const held = join(root, "held");
  for (const name of ["circle", "square"]) {
    await mkdir(join(held, name), { recursive: true });
    await writeFile(join(held, name, "x.png"), "no picture");
  }
  const recipe = join(alone, "recipe.json");
  // Of a recipe's share for validation and other pictures on the command line, these count.
  const options = ["--recipe", recipe, "--epochs", "1", "--warmup", "0", "--val", held, "--out", join(root, "unheld")];
  const { code, stderr } = await mobilenets(["train", data, ...options]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /warning: none of the pictures to validate with can be read: epochs are not validated/);
});

test("fine-tuned on the same classes, with another dropout, it keeps its classifier", async () => {
  // Keras' V1 has a dropout layer.
  const begun = join(root, "keras");
  const keras = ["--network", "mobilenet_v1", "--alpha", "0.25", "--size", "32", "--batch", "8"];
  await mobilenets(["train", data, ...keras, "--epochs", "1", "--out", begun]);
  const weights = ["--weights", join(begun, "model.safetensors"), "--mode", "fine-tune", "--dropout", "0.1"];
  const out = join(root, "dropout");
  const options = ["--epochs", "1", "--batch", "8", "--lr", "1e-9", "--out", out];
  const { code, stderr } = await mobilenets(["train", data, ...weights, ...options]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /\nthe classifier is that of the weights/);
  const [before, after] = [await bytesOf(begun), await bytesOf(out)].map((bytes) => readSafetensors(bytes).tensors);
  const [old, kept] = [before, after].map((tensors) => tensors["conv_preds/kernel"].data);
  kept.forEach((x, i) => void assert.ok(Math.abs(Number(x) - Number(old[i])) < 1e-4));
});
