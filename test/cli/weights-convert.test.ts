import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { load } from "mobilenets";
import { writeModelFile } from "mobilenets/weights";
import { temporaryFolder } from "./folder.ts";
import { jsonLines, mobilenets } from "./run.ts";

const dir = await temporaryFolder();
/** No network, and a cache of its own. */
const env = { ...process.env, MOBILENETS_CACHE: join(dir, "cache"), MOBILENETS_OFFLINE: "1" };

test("weights list names every published file, a JSON line each", async () => {
  const { code, stdout } = await mobilenets(["weights", "list", "--network", "mobilenet_v3_small", "--json"], { env });
  assert.equal(code, 0);
  const files = jsonLines(stdout) as { name: string; network: string; cached: boolean }[];
  assert.ok(files.some(({ name }) => name === "keras/mobilenet_v3_small_1_224"));
  assert.ok(files.every(({ network, cached }) => network === "mobilenet_v3_small" && !cached));
});

test("weights path says where a file would lie; an unknown name is bad usage", async () => {
  const known = await mobilenets(["weights", "path", "keras/mobilenet_v1_0.25_128"], { env });
  assert.equal(known.code, 0);
  assert.equal(known.stdout, `${join(dir, "cache", "keras/mobilenet_v1_0.25_128.h5")}\n`);
  assert.match(known.stderr, /is not cached: mobilenets weights pull/);
  const unknown = await mobilenets(["weights", "path", "keras/nothing"], { env });
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /no published weights of this name: mobilenets weights list shows all/);
});

test("offline, pulling what is not cached fails for each file with the way out", async () => {
  const names = ["keras/mobilenet_v1_0.25_128", "torchvision/mobilenet_v2.imagenet1k_v2"];
  const { code, stdout, stderr } = await mobilenets(["weights", "pull", ...names, "--json"], { env });
  assert.equal(code, 1);
  assert.deepEqual(
    (jsonLines(stdout) as { name: string; error: object }[]).map(({ name }) => name),
    names,
  );
  assert.equal(stderr.match(/by other means and save it as/g)?.length, 2);
});

test("--weights imagenet is looked up for the network, width and size asked for", async () => {
  const args = ["--network", "mobilenet_v2", "--alpha", "0.35", "--size", "96", "--weights", "imagenet"];
  const { code, stderr } = await mobilenets(["embed", "nothing.jpg", ...args], { env });
  assert.equal(code, 1);
  assert.match(stderr, /keras\/mobilenet_v2_0\.35_96: cannot be fetched/);
  const none = await mobilenets([
    "embed",
    "nothing.jpg",
    "--network",
    "mobilenet_v2",
    "--alpha",
    "0.6",
    "--weights",
    "imagenet",
  ]);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /expected alpha 0\.35, 0\.5, 0\.75, 1, 1\.3, 1\.4/);
});

test("convert writes a file that is the same model, and refuses endings it does not know", async () => {
  const options = { alpha: 0.25, inputShape: [32, 32, 3], classes: 3, weights: "random", seed: 4 } as const;
  const model = await load("mobilenet_v1", { ...options, labels: ["a", "b", "c"], engine: "reference" });
  const source = join(dir, "in.safetensors");
  const out = join(dir, "new folder", "out.safetensors");
  await writeFile(source, writeModelFile(model));
  const { code, stdout, stderr } = await mobilenets(["convert", source, out, "--json"]);
  assert.equal(code, 0, stderr);
  const [line] = jsonLines(stdout);
  assert.deepEqual(await readFile(out), await readFile(source));
  assert.deepEqual(line, {
    out,
    format: "safetensors",
    network: "mobilenet_v1",
    bytes: (await readFile(out)).length,
  });
  const bad = await mobilenets(["convert", source, join(dir, "out.xyz")]);
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /an ending of no format that can be written, expected .*safetensors \(\.safetensors\)/);
});

test("converted to a file that holds weights alone, a model's other facts are said to be lost", async () => {
  for (const out of ["alone.h5", "alone.weights.h5"]) {
    const { code, stderr } = await mobilenets(["convert", "fashion-mnist", join(dir, out)], { env });
    assert.equal(code, 0);
    assert.match(stderr, /weights alone: not the input size \(64x64\).*nor the 10 labels/);
  }
});
