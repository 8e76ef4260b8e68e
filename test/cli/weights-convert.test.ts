import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { load, type ModelOptions, type NetworkName, networkNames } from "mobilenets";
import { published, writeModelFile } from "mobilenets/weights";
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

test("weights list puts those at hand first, then a line per network, flavor and maker", async () => {
  const { code, stdout } = await mobilenets(["weights", "list"], { env });
  assert.equal(code, 0);
  assert.ok(stdout.split("\n").length < 40, `${stdout.split("\n").length} lines`);
  const [atHand, others] = stdout.split("Published for ImageNet");
  assert.match(
    atHand,
    /^imagenet +efficientnet_lite0 +tensorflow +1 +224 +1000 +9\.5 +@mobilenets\/weights-imagenet \d/m,
  );
  assert.match(atHand, /^fashion-mnist +mobilenet_v1 +keras +0\.35 +64 +10 +0\.9 +mobilenets \d/m);
  assert.match(atHand, /^nsfwjs +mobilenet_v2 +keras +1 +224 +5 +(nsfwjs \d|not installed: npm install nsfwjs)/m);
  const line =
    /^mobilenet_v1 +keras +0\.25 0\.5 0\.75 1 +128 160 192 224 +0\.9 to 17\.0 +32 +keras\/mobilenet_v1_1_224$/m;
  assert.match(others, line);
  assert.match(others, /^ +torchvision +1 +224 +14\.2 +2 +torchvision\/mobilenet_v2\.imagenet1k_v2$/m);
  const networks = [...others.matchAll(/^(mobilenet|efficientnet)\S+/gm)].map(([name]) => name);
  assert.deepEqual(networks, [...new Set(networks)], "each network is one group");
});

test("weights list --all has a line for every file, grouped by network", async () => {
  const { stdout } = await mobilenets(["weights", "list", "--all"], { env });
  const lines = stdout.split("\n");
  for (const { name } of published) assert.equal(lines.filter((line) => line.startsWith(`${name} `)).length, 1, name);
  const order = published.map(({ name }) => lines.findIndex((line) => line.startsWith(`${name} `)));
  const titles = networkNames.map((name) => lines.indexOf(name));
  for (const [i, { network }] of published.entries()) {
    const [title, next = Number.POSITIVE_INFINITY] = titles
      .slice(networkNames.indexOf(network))
      .filter((place, index, all) => place > 0 && all.indexOf(place) === index);
    assert.ok(order[i] > title && order[i] < next, published[i].name);
  }
  const few = await mobilenets(["weights", "list", "--all", "--network", "mobilenet_v2", "--flavor", "timm"], { env });
  assert.equal(few.stdout.match(/^timm\//gm)?.length, 3);
  assert.doesNotMatch(few.stdout, /At hand/);
});

test("weights list knows a cached file's size", async () => {
  const name = "keras/mobilenet_v1_0.25_128";
  const cache = join(dir, "other-cache");
  await mkdir(join(cache, "keras"), { recursive: true });
  await writeFile(join(cache, `${name}.h5`), new Uint8Array(3_400_000));
  const options = { env: { ...env, MOBILENETS_CACHE: cache } };
  const { stdout } = await mobilenets(["weights", "list", "--all", "--network", "mobilenet_v1"], options);
  assert.match(stdout, /^keras\/mobilenet_v1_0\.25_128 +keras +0\.25 +128 +with +3\.4 +yes$/m);
  assert.match(stdout, /^keras\/mobilenet_v1_0\.25_160 +keras +0\.25 +160 +with +1\.9$/m);
  const brief = await mobilenets(["weights", "list", "--network", "mobilenet_v1"], options);
  assert.match(brief.stdout, /^mobilenet_v1 +keras .* 32 +1 +keras/m);
});

test("weights list --json has the weights at hand as rows too", async () => {
  const { stdout } = await mobilenets(["weights", "list", "--json"], { env });
  const rows = jsonLines(stdout) as { name: string; network: NetworkName; options: ModelOptions; cached: boolean }[];
  assert.equal(rows.length, published.length + 3);
  for (const row of rows) for (const key of ["name", "network", "options", "sources", "cached"]) assert.ok(key in row);
  const [imagenet, fashion] = rows;
  assert.deepEqual(
    [imagenet.name, imagenet.cached, fashion.name, fashion.cached],
    ["imagenet", true, "fashion-mnist", true],
  );
  // What the table says of them is what their files say.
  for (const { name, network, options } of [imagenet, fashion]) {
    const found = await mobilenets(["weights", "path", name]);
    const model = await load(found.stdout.trim(), { engine: "reference" });
    assert.deepEqual(
      [model.network, model.options?.alpha, model.options?.classes],
      [network, options.alpha, options.classes],
    );
    assert.deepEqual(model.inputShape, options.inputShape);
    model.dispose();
  }
});

test("names that are misspelt get those that are near", async () => {
  for (const [args, code, message] of [
    [["weights", "pull", "keras/mobilenet_v2_035_96"], 2, /did you mean keras\/mobilenet_v2_0\.35_96/],
    [["weights", "path", "fashon-mnist"], 2, /no published weights of this name: did you mean fashion-mnist\?/],
    [
      ["weights", "pull", "imagenet"],
      2,
      /imagenet: weights in the package @mobilenets\/weights-imagenet: they need no/,
    ],
    [["classify", "x.jpg", "--weights", "keras/mobilnet_v1_1_224"], 1, /did you mean keras\/mobilenet_v1_1_224/],
    [["classify", "x.jpg", "--weights", "fashionmnist"], 1, /no name of weights: did you mean fashion-mnist\?/],
    [["convert", "nsfwj", "out.onnx"], 1, /nsfwj: no such file, and no name of weights: did you mean nsfwjs\?/],
    [
      ["embed", "x.jpg", "--weights", "no/such.h5"],
      1,
      /no\/such\.h5: no such file, .*: `mobilenets weights list --all`/,
    ],
  ] as const) {
    const found = await mobilenets(args, { env });
    assert.deepEqual([found.code, found.stdout], [code, ""], args.join(" "));
    assert.match(found.stderr, message);
  }
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
