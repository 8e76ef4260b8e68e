import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { toPicture } from "mobilenets";
import sharp from "sharp";
import { temporaryFolder } from "./folder.ts";
import { mobilenets } from "./run.ts";

const dir = await temporaryFolder();
const photo = join(dir, "photo.png");
await sharp({
  create: {
    width: 90,
    height: 70,
    channels: 3,
    background: "#a04060",
    noise: { type: "gaussian", mean: 90, sigma: 40 },
  },
})
  .png()
  .toFile(photo);
const small = ["random", "--network", "mobilenet_v2", "--alpha", "0.35", "--size", "64", "--classes", "5"];
const labels = join(dir, "labels.txt");
await writeFile(labels, "ant\nbee\nbeetle\nfly\nwasp\n");

interface Built {
  readonly out: string;
  readonly classes: number;
  readonly features: number;
  readonly weightsType: string;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly difference: { readonly pictures: number; readonly probability: number | null; readonly feature: number };
}

async function build(...args: string[]): Promise<Built> {
  const { code, stdout, stderr } = await mobilenets(["build", ...args, "--json"], { cwd: dir });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

test("one file answers as the command line does, from a folder without anything else", async () => {
  const out = join(dir, "one", "bugs.js");
  const { code, stdout, stderr } = await mobilenets(["build", ...small, "--out", out, "--labels", labels]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${out}\n`);
  assert.match(stderr, /mobilenet_v2: 5 classes, 1,280 features\n/);
  assert.match(stderr, /weights as float32; compared on 4 pictures: the network's own numbers\n/);
  assert.match(
    stderr,
    /bytes {2}.*bugs\.js\n.*bytes {2}.*bugs\.d\.ts\n {2}import \{ classify \} from "\.\/bugs\.js";\n/,
  );
  assert.deepEqual((await readdir(join(dir, "one"))).sort(), ["bugs.d.ts", "bugs.js"]);

  const asked = await mobilenets(["classify", photo, "--weights", ...small, "--labels", labels, "--json"]);
  const { topK } = JSON.parse(asked.stdout);
  await writeFile(join(dir, "one", "package.json"), '{ "type": "module" }');
  const module = await import(pathToFileURL(out).href);
  assert.deepEqual(await module.classify(await toPicture(photo)), topK);
});

test("weights in fewer bits: the file is smaller, and the difference is told", async () => {
  const whole = await build(...small, "--out", "whole.mjs");
  const half = await build(...small, "--out", "half.mjs", "--weights-type", "float16", "--try", photo);
  const eighth = await build(...small, "--out", "eighth.mjs", "--weights-type", "int8");
  assert.deepEqual(
    [whole, half, eighth].map(({ difference }) => difference.pictures),
    [4, 1, 4],
  );
  const sizes = [whole, half, eighth].map(({ files }) => files[0].bytes);
  assert.ok(sizes[0] > 1.6 * sizes[1] && sizes[1] > 1.4 * sizes[2], sizes.join());
  assert.equal(whole.difference.feature, 0);
  assert.ok(half.difference.feature > 0 && half.difference.feature < 0.01);
  assert.ok(eighth.difference.feature > half.difference.feature);
  for (const { files } of [whole, half, eighth]) {
    for (const { path, bytes } of files) assert.equal((await readFile(join(dir, path))).length, bytes);
  }
});

test("split, and without the classifier", async () => {
  const built = await build(...small, "--out", "split/features.js", "--split", "--no-top", "--kernels", "simd");
  assert.equal(built.classes, 0);
  assert.equal(built.difference.probability, null);
  assert.deepEqual(
    built.files.map(({ path }) => path),
    [
      "split/features.js",
      "split/features.d.ts",
      "split/features.wasm",
      "split/features.bin",
      "split/features.worker.js",
      "split/features.worker.d.ts",
    ],
  );
});

test("a file of a whole network, whose pictures are fitted as Python does it, without its classifier too", async () => {
  const { code } = await mobilenets(["convert", ...small, "whole.tflite", "--labels", labels], { cwd: dir });
  assert.equal(code, 0);
  const built = await build("whole.tflite", "--out", "lite.mjs", "--no-top", "--preprocessing", "timm", "--try", photo);
  assert.equal(built.features, 1280);
  assert.equal(built.difference.feature, 0);
});

test("a file that is of no build is not overwritten; a build is", async () => {
  await writeFile(join(dir, "kept.bin"), "weights of somebody else's");
  const { code, stderr } = await mobilenets(["build", ...small, "--out", "kept.js", "--split"], { cwd: dir });
  assert.equal(code, 2);
  assert.match(stderr, /--out: a name that would overwrite kept\.bin/);
  assert.equal(await readFile(join(dir, "kept.bin"), "utf8"), "weights of somebody else's");
  await build(...small, "--out", "split/features.js", "--split");
});

test("what cannot be is refused before anything is written", async () => {
  for (const [args, code, message] of [
    [[...small, "--out", "x.cjs"], 2, /--out: x\.cjs, expected a file that ends in \.js or \.mjs/],
    [[...small, "--weights-type", "int4"], 2, /Allowed choices are float32, float16, int8/],
    [[...small, "--out", "x.mjs", "--try", "nothing.jpg"], 1, /nothing\.jpg: no such file/],
    [["nothing.onnx", "--out", "x.mjs"], 1, /nothing\.onnx: no such file/],
  ] as const) {
    const outcome = await mobilenets(["build", ...args], { cwd: dir });
    assert.equal(outcome.code, code, outcome.stderr);
    assert.match(outcome.stderr, message);
  }
  assert.ok(!(await readdir(dir)).some((name) => name.startsWith("x.")));
});
