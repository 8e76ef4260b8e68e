import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { load } from "mobilenets";
import { readSafetensors, writeModelFile } from "mobilenets/weights";
import { temporaryFolder } from "./folder.ts";
import { writeDifficult } from "./pictures.ts";
import { jsonLines, mobilenets, tiny } from "./run.ts";
import { writeShapes } from "./shapes.ts";

const dir = await temporaryFolder();
const at = (name: string) => join(dir, name);
await writeDifficult(at("photos"));
const photo = at("photos/good.jpg");

const options = { alpha: 0.25, inputShape: [32, 32, 3], classes: 2 } as const;
const model = await load("mobilenet_v2", { ...options, weights: "random", seed: 4 });
await writeFile(at("two.safetensors"), writeModelFile(model));
const two = ["--weights", at("two.safetensors")];
await writeFile(at("names.txt"), "heads\ntails\n");
await writeFile(at("names.json"), '["circle", "square"]');
await writeFile(at("three.txt"), "a\nb\nc\n");

test("classify --labels names the classes", async () => {
  const { code, stdout } = await mobilenets(["classify", photo, ...two, "--labels", at("names.txt"), "--json"]);
  assert.equal(code, 0);
  const [{ topK }] = jsonLines(stdout) as [{ topK: { index: number; label: string }[] }];
  for (const { index, label } of topK) assert.equal(label, ["heads", "tails"][index]);
});

test("labels that are not as many as the classes are refused by every command that loads a model", async () => {
  await writeShapes(at("data"), 4);
  for (const [args, model] of [
    [["classify", photo, ...two], "mobilenet_v2"],
    [["embed", photo, ...two], "mobilenet_v2"],
    [["extract", photo, ...two, "--out", at("never")], "mobilenet_v2"],
    [["evaluate", at("data"), ...two], "mobilenet_v2"],
    [["convert", at("two.safetensors"), at("never.onnx")], "mobilenet_v2"],
    [["train", at("data"), ...two, "--out", at("never"), "--workers", "0"], "mobilenet_v2"],
  ] as const) {
    const { code, stdout, stderr } = await mobilenets([...args, "--labels", at("three.txt")]);
    assert.deepEqual([code, stdout], [2, ""], stderr);
    assert.match(stderr, new RegExp(`error: --labels \\S+three\\.txt: 3 names, expected 2, the classes of ${model}:`));
  }
});

test("evaluate matches the pictures' classes to the labels given", async () => {
  const args = ["evaluate", at("data"), ...two, "--workers", "0", "--json"];
  const without = await mobilenets(args);
  assert.match(without.stderr, /the weights came without labels/);
  const { code, stdout, stderr } = await mobilenets([...args, "--labels", at("names.json")]);
  assert.equal(code, 0, stderr);
  // The pipeline, and no warning.
  assert.match(stderr, /^pictures: mobilenets: the middle 87\.5 % to 32 x 32, .*; --preprocessing changes it\n$/);
  assert.equal(JSON.parse(stdout).examples, 8);
  const wrong = await mobilenets([...args, "--labels", at("names.txt")]);
  assert.match(wrong.stderr, /classes "circle", "square", expected only "heads", "tails"/);
});

test("a pipeline of Python by its name: printed once, and in the file that convert writes", async () => {
  const out = at("keras.safetensors");
  const args = ["convert", at("two.safetensors"), out, "--preprocessing", "keras,raw"];
  const { code, stderr } = await mobilenets(args);
  assert.equal(code, 0, stderr);
  const line = /pictures: keras: the whole picture to 32 x 32, nearest as Pillow, samples 0 to 255; --preprocessing/g;
  assert.equal(stderr.match(line)?.length, 1, stderr);
  const { crop, resize } = JSON.parse(readSafetensors(await readFile(out)).metadata.preprocessing);
  assert.deepEqual([crop, resize], ["squash", "pillow-nearest"]);
});

test("convert writes labels and preprocessing into the file", async () => {
  const out = at("labelled.safetensors");
  const spec = ["--labels", at("names.txt"), "--preprocessing", "unit,crop=squash"];
  const { code, stderr } = await mobilenets(["convert", at("two.safetensors"), out, ...spec]);
  assert.equal(code, 0, stderr);
  const { metadata } = readSafetensors(await readFile(out));
  assert.deepEqual(JSON.parse(metadata.labels), ["heads", "tails"]);
  const { crop, mean, std } = JSON.parse(metadata.preprocessing);
  assert.deepEqual([crop, mean, std], ["squash", [0, 0, 0], [255, 255, 255]]);
});

test("--preprocessing is what the network sees: names, settings and files; --crop goes before it", async () => {
  const embedding = async (...args: string[]) => {
    const { code, stdout, stderr } = await mobilenets(["embed", photo, ...tiny, ...args, "--json"]);
    assert.equal(code, 0, stderr);
    return (jsonLines(stdout)[0] as { embedding: number[] }).embedding;
  };
  const library = async (preprocessing: object) => {
    const random = { alpha: 0.25, inputShape: [32, 32, 3], weights: "random" } as const;
    const tinyModel = await load("mobilenet_v1", { ...random, preprocessing });
    const vector = Array.from(await tinyModel.embed(photo));
    tinyModel.dispose();
    return vector;
  };
  const unit = { mean: [0, 0, 0], std: [255, 255, 255] };
  assert.deepEqual(await embedding("--preprocessing", "unit"), await library(unit));
  const squash = await embedding("--preprocessing", "unit,crop=squash");
  assert.deepEqual(squash, await library({ ...unit, crop: "squash" }));
  await writeFile(at("spec.json"), JSON.stringify({ mean: 0, std: 255, crop: "squash" }));
  assert.deepEqual(await embedding("--preprocessing", at("spec.json")), squash);
  const padded = await embedding("--preprocessing", at("spec.json"), "--crop", "pad");
  assert.deepEqual(padded, await library({ ...unit, crop: "pad" }));
  const grey = await embedding("--preprocessing", "unit", "--channels", "1");
  assert.notDeepEqual(grey, await embedding("--channels", "1"));
});

test("extract records the preprocessing, and goes on only with the same", async () => {
  const out = at("features");
  const extract = (...args: string[]) => mobilenets(["extract", photo, ...two, "--out", out, ...args]);
  const { code, stderr } = await extract("--preprocessing", "unit");
  assert.equal(code, 0, stderr);
  const run = JSON.parse(await readFile(join(out, "run.json"), "utf8"));
  assert.deepEqual(
    [run.preprocessing.mean, run.preprocessing.std],
    [
      [0, 0, 0],
      [255, 255, 255],
    ],
  );
  const other = await extract();
  assert.equal(other.code, 2);
  assert.match(other.stderr, /a run begun with preprocessing\.mean \[0,0,0\], expected \[127\.5,127\.5,127\.5\]/);
  // The record itself is a spec.
  await writeFile(at("asked.json"), JSON.stringify(run.preprocessing));
  const same = await extract("--preprocessing", at("asked.json"));
  assert.equal(same.code, 0, same.stderr);
  assert.match(same.stderr, /already finished/);
});

test("train records the preprocessing in its recipe and in its model", async () => {
  const out = at("run");
  const network = ["--network", "mobilenet_v1", "--alpha", "0.25", "--size", "32", "--epochs", "1", "--batch", "4"];
  const train = ["train", at("data"), ...network, "--workers", "0"];
  const { code, stderr } = await mobilenets([...train, "--preprocessing", "unit,crop=squash", "--out", out]);
  assert.equal(code, 0, stderr);
  const { metadata } = readSafetensors(await readFile(join(out, "model.safetensors")));
  assert.deepEqual(JSON.parse(metadata.preprocessing).std, [255, 255, 255]);
  assert.equal(JSON.parse(metadata.preprocessing).crop, "squash");

  const again = await mobilenets(["train", "--resume", "--out", out]);
  assert.equal(again.code, 0, again.stderr);
  const changed = await mobilenets(["train", "--resume", "--out", out, "--preprocessing", "signed"]);
  assert.equal(changed.code, 2);
  assert.match(changed.stderr, /a run begun with preprocessing .*255/);

  await cp(join(out, "recipe.json"), at("recipe.json"));
  const copy = await mobilenets(["train", at("data"), "--recipe", at("recipe.json"), "--out", at("run2")]);
  assert.equal(copy.code, 0, copy.stderr);
  const [first, second] = await Promise.all(
    [out, at("run2")].map((folder) => readFile(join(folder, "model.safetensors"))),
  );
  assert.ok(first.equals(second));
});

test("train --labels: a file without names keeps its classifier for the same classes", async () => {
  const tune = ["train", at("data"), ...two, "--mode", "fine-tune", "--epochs", "1", "--batch", "4", "--workers", "0"];
  const without = await mobilenets([...tune, "--out", at("fresh")]);
  assert.match(without.stderr, /the classifier is a fresh one/);
  const { code, stderr } = await mobilenets([...tune, "--labels", at("names.json"), "--out", at("kept")]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /the classifier is that of the weights/);
  const scratch = ["train", at("data"), "--network", "mobilenet_v1", "--labels", at("names.json"), "--out", at("no")];
  const refused = await mobilenets(scratch);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--labels: \S+names\.json without --weights/);
});
