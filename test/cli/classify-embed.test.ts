import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { load, type ModelOptions } from "mobilenets";
import { writeModelFile } from "mobilenets/weights";
import sharp from "sharp";
import { readClass, SIDE } from "../../scripts/demo/fashion-mnist.ts";
import { temporaryFolder } from "./folder.ts";
import { writeDifficult } from "./pictures.ts";
import { jsonLines, mobilenets, tiny } from "./run.ts";

const dir = await temporaryFolder();
await writeDifficult(dir);
const at = (name: string) => join(dir, name);

test("classify prints a JSON line per picture", async () => {
  const images = [at("good.jpg"), at("one.png")];
  const { code, stdout, stderr } = await mobilenets(["classify", ...images, ...tiny, "--top", "3", "--json"]);
  assert.equal(code, 0);
  assert.match(stderr, /^warning: the weights are random, .*meaningless\n$/);
  const lines = jsonLines(stdout) as { path: string; topK: { index: number; label: string; probability: number }[] }[];
  assert.deepEqual(
    lines.map(({ path }) => path),
    images,
  );
  for (const { topK, ...rest } of lines) {
    assert.deepEqual(Object.keys(rest), ["path"]);
    assert.equal(topK.length, 3);
    const probabilities = topK.map(({ probability }) => probability);
    assert.deepEqual(
      probabilities,
      probabilities.toSorted((a, b) => b - a),
    );
    for (const entry of topK) assert.deepEqual(Object.keys(entry), ["index", "label", "probability"]);
  }
});

test("embed prints the vector the library gives", async () => {
  const { code, stdout } = await mobilenets(["embed", at("rotated.jpg"), ...tiny, "--seed", "3", "--json"]);
  assert.equal(code, 0);
  const [line] = jsonLines(stdout);
  const options: ModelOptions = { alpha: 0.25, inputShape: [32, 32, 3] };
  const model = await load("mobilenet_v1", { ...options, weights: "random", seed: 3 });
  const embedding = Array.from(await model.embed(at("rotated.jpg")));
  model.dispose();
  assert.equal(embedding.length, 256);
  assert.deepEqual(line, { path: at("rotated.jpg"), embedding });
});

test("for people: a picture's classes under its name, a vector's first numbers after it", async () => {
  const classified = await mobilenets(["classify", at("good.jpg"), ...tiny, "--top", "2"]);
  assert.match(classified.stdout, /^\S+good\.jpg\n {2}0\.\d{4} {2}\S.*\n {2}0\.\d{4} {2}\S.*\n$/);
  const embedded = await mobilenets(["embed", at("good.jpg"), ...tiny]);
  assert.match(embedded.stdout, /^\S+good\.jpg: 256 numbers: [\d.e-]+ .*\.\.\.\n$/);
});

test("a bad picture has its error, the others their results; exit code 1", async () => {
  const images = [at("text.jpg"), at("good.jpg"), at("missing.jpg"), at("one.png")];
  for (const [command, key] of [
    ["classify", "topK"],
    ["embed", "embedding"],
  ]) {
    const { code, stdout, stderr } = await mobilenets([command, ...images, ...tiny, "--json"]);
    assert.equal(code, 1);
    assert.match(stderr, /\nerror: \S+text\.jpg: content of an unknown format/);
    assert.match(stderr, /\nerror: .*missing\.jpg: no such file/);
    assert.deepEqual(
      jsonLines(stdout).map((line) => Object.keys(line as object)),
      [
        ["path", "error"],
        ["path", key],
        ["path", "error"],
        ["path", key],
      ],
    );
    const human = await mobilenets([command, ...images, ...tiny]);
    assert.equal(human.code, 1);
    assert.match(human.stdout, /^\S+good\.jpg[\s\S]*\S+one\.png/);
    assert.doesNotMatch(human.stdout, /text\.jpg|missing\.jpg/);
  }
});

test("a weight file that names its network needs no --network, and its labels are used", async () => {
  const options: ModelOptions = { alpha: 0.25, inputShape: [32, 32, 3], classes: 2 };
  const model = await load("mobilenet_v2", { ...options, weights: "random" });
  const { program, preprocessing } = model;
  const labels = ["heads", "tails"];
  const bytes = writeModelFile({ program, network: "mobilenet_v2", options, preprocessing, labels });
  await writeFile(at("coin.safetensors"), bytes);
  const expected = await model.classify(at("good.jpg"), { topK: 1 });
  model.dispose();
  const { code, stdout, stderr } = await mobilenets([
    ...["classify", at("good.jpg"), "--weights", at("coin.safetensors"), "--top", "1", "--json"],
  ]);
  assert.deepEqual([code, stderr], [0, ""]);
  const topK = expected.map((prediction) => ({ ...prediction, label: labels[prediction.index] }));
  assert.deepEqual(jsonLines(stdout), [{ path: at("good.jpg"), topK }]);
});

test("--weights nsfwjs is unpacked into the cache once and has the package's labels", async () => {
  const env = { ...process.env, XDG_CACHE_HOME: at("cache") };
  for (const _ of ["first", "again"]) {
    const args = ["classify", at("good.jpg"), "--weights", "nsfwjs", "--json"];
    const { code, stdout, stderr } = await mobilenets(args, { env });
    assert.deepEqual([code, stderr], [0, ""]);
    const [{ topK }] = jsonLines(stdout) as [{ topK: { label: string; probability: number }[] }];
    assert.deepEqual(topK.map(({ label }) => label).sort(), ["Drawing", "Hentai", "Neutral", "Porn", "Sexy"]);
    const sum = topK.reduce((total, { probability }) => total + probability, 0);
    assert.ok(Math.abs(sum - 1) < 1e-5, `probabilities add up to ${sum}`);
  }
});

test("--weights fashion-mnist is there without a download and names products", async () => {
  const [boot] = (await readClass(9, Infinity)).slice(-1);
  const picture = at("boot.png");
  await sharp(boot, { raw: { width: SIDE, height: SIDE, channels: 1 } }).toFile(picture);
  const { code, stdout } = await mobilenets(["classify", picture, "--weights", "fashion-mnist", "--json"]);
  const [{ topK }] = jsonLines(stdout) as [{ topK: { label: string }[] }];
  assert.deepEqual([code, topK[0].label], [0, "ankle-boot"]);
});

test("photographs have ImageNet's labels without an option, and stderr says whose, once", async (t) => {
  const cat = fileURLToPath(new URL("../../../shared/fixtures/images/cat_720p.jpg", import.meta.url));
  if (!existsSync(cat)) return t.skip("the photographs of ../shared/fixtures are not here");
  const { code, stdout, stderr } = await mobilenets(["classify", cat, cat, "--json"]);
  const lines = jsonLines(stdout) as { topK: { label: string }[] }[];
  assert.deepEqual([code, lines.map(({ topK }) => topK[0].label)], [0, ["Egyptian cat", "Egyptian cat"]]);
  assert.deepEqual(stderr.match(/efficientnet_lite0, trained on ImageNet/g)?.length, 1);
  const named = await mobilenets(["embed", cat, "--weights", "imagenet", "--json"]);
  assert.equal((jsonLines(named.stdout) as { embedding: number[] }[])[0].embedding.length, 1280);
});

test("bad usage: exit code 2 and what to do", async () => {
  const image = at("good.jpg");
  for (const [args, message] of [
    [["classify"], /missing required argument 'images'/],
    [["embed", image, "--weights", "random"], /error: --weights random: no --network/],
    [["embed", image, ...tiny, "--engine", "abacus"], /error: engine: "abacus", expected one of auto, /],
    [["embed", image, ...tiny, "--threads", "0"], /'--threads <n>' argument '0' is invalid/],
    [["embed", image, ...tiny, "--crop", "left"], /Allowed choices are center, squash, pad/],
    [["classify", image, ...tiny, "--top", "none"], /'--top <k>' argument 'none' is invalid/],
    [["embed", image, "--network", "resnet50"], /Allowed choices are mobilenet_v1/],
    [["embed", image, "--network", "mobilnetv2"], /Did you mean mobilenet_v2/],
  ] as const) {
    const { code, stdout, stderr } = await mobilenets(args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(stdout, "");
    assert.match(stderr, message);
  }
});

test("weights that cannot be read are a failed job: exit code 1, no stack", async () => {
  for (const file of [at("missing.safetensors"), at("text.jpg")]) {
    const { code, stdout, stderr } = await mobilenets(["embed", at("good.jpg"), "--weights", file]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^error: /);
    assert.ok(stderr.includes(file), stderr);
    assert.doesNotMatch(stderr, /\n {4}at /);
  }
});

test("--crop changes what the network sees", async () => {
  const embedding = async (crop: string) =>
    (await mobilenets(["embed", at("good.jpg"), ...tiny, "--crop", crop, "--json"])).stdout;
  const [center, squash, pad] = [await embedding("center"), await embedding("squash"), await embedding("pad")];
  assert.equal(new Set([center, squash, pad]).size, 3);
});
