import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { mobilenets, outcome, start } from "./run.ts";

test("the article's V1 has the published counts", async () => {
  const { code, stdout, stderr } = await mobilenets(["summary", "mobilenet_v1", "--flavor", "article", "--json"]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  const { network, flavor, totals, layers, ...rest } = JSON.parse(stdout);
  assert.deepEqual([network, flavor], ["mobilenet_v1", "article"]);
  assert.deepEqual([totals.params, totals.trainable], [4253864, 4231976]);
  assert.deepEqual(rest, {});
  for (const layer of layers) {
    assert.deepEqual(Object.keys(layer), ["name", "type", "outputShape", "params", "macs", "block"]);
  }
  const sum = (key: string) => layers.reduce((total: number, layer: Record<string, number>) => total + layer[key], 0);
  assert.deepEqual([sum("params"), sum("macs")], [totals.params, totals.macs]);
});

test("options reach the network", async () => {
  const options = ["--alpha", "0.5", "--size", "96x160", "--classes", "7", "--channels", "1", "--json"];
  const { stdout } = await mobilenets(["summary", "mobilenet_v2", ...options]);
  const { layers } = JSON.parse(stdout);
  const shape = (name: string) => layers.find((layer: { name: string }) => layer.name === name).outputShape;
  assert.deepEqual(shape("Conv1"), [1, 48, 80, 16]);
  assert.deepEqual(shape("out_relu"), [1, 3, 5, 1280]);
  assert.deepEqual(layers.at(-1).outputShape, [1, 7]);
  assert.equal(layers.find((layer: { name: string }) => layer.name === "Conv1").params, 3 * 3 * 1 * 16);
});

test("without top it ends in a map, with pooling in a vector", async () => {
  const last = async (...options: string[]) => {
    const { stdout } = await mobilenets(["summary", "mobilenet_v3_small", "--no-top", "--json", ...options]);
    return JSON.parse(stdout).layers.at(-1).outputShape;
  };
  assert.deepEqual(await last(), [1, 7, 7, 576]);
  assert.deepEqual(await last("--pooling", "avg"), [1, 576]);
});

test("the table is aligned and ends in totals", async () => {
  const { code, stdout } = await mobilenets(["summary", "mobilenet_v1", "--flavor", "article"]);
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split("\n");
  const total = lines.find((line) => line.startsWith("total"));
  assert.match(total ?? "", /^total +4,253,864 +[\d,]+$/);
  assert.match(lines.at(-1) ?? "", /^4,231,976 parameters are trainable, 21,888 are not/);
  const numbers = lines.filter((line) => /^(conv|total)/.test(line));
  assert.equal(new Set(numbers.map((line) => line.length)).size, 1, "the last column ends at one place");
});

test("savings: the first pair of V1 by hand", async () => {
  const { stdout } = await mobilenets(["summary", "mobilenet_v1", "--savings", "--json"]);
  const { pairs, network } = JSON.parse(stdout).savings;
  assert.equal(pairs.length, 13);
  const [pair] = pairs;
  const pixels = 112 * 112;
  assert.deepEqual([pair.depthwise, pair.pointwise], ["conv_dw_1", "conv_pw_1"]);
  assert.deepEqual(pair.separable, { weights: 9 * 32 + 32 * 64, macs: (9 * 32 + 32 * 64) * pixels });
  assert.deepEqual(pair.standard, { weights: 9 * 32 * 64, macs: 9 * 32 * 64 * pixels });
  assert.ok(Math.abs(pair.factor.weights - (9 * 64) / (9 + 64)) < 1e-12);
  assert.ok(network.factor.weights > 6 && network.factor.macs > 8, JSON.stringify(network.factor));

  const human = await mobilenets(["summary", "mobilenet_v1", "--savings"]);
  assert.match(human.stdout, /conv_dw_1 \+ conv_pw_1 +2,336 +18,432 +7\.89 +29,302,784 +231,211,008 +7\.89/);
  const places = ["conv_dw_1 + conv_pw_1", "whole network", "conv1 ", "total"].map((text) =>
    human.stdout.indexOf(`\n${text}`),
  );
  assert.ok(places[0] > 0);
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
    "the comparison comes before the layers",
  );
});

test("--no-layers leaves the layers out, and keeps the totals", async () => {
  const text = await mobilenets(["summary", "mobilenet_v1", "--savings", "--no-layers"]);
  assert.match(
    text.stdout,
    /\nwhole network .*\n\n4,253,864 parameters, 568,740,352 multiply-adds\n4,231,976 parameters are/,
  );
  assert.doesNotMatch(text.stdout, /\nconv1 /);
  const { stdout } = await mobilenets(["summary", "mobilenet_v1", "--no-layers", "--json"]);
  assert.deepEqual(Object.keys(JSON.parse(stdout)), ["network", "flavor", "totals"]);
});

test("each layer tells its block", async () => {
  const { stdout } = await mobilenets(["summary", "mobilenet_v2", "--json"]);
  const { layers } = JSON.parse(stdout);
  const blockOf = (name: string) => layers.find((layer: { name: string }) => layer.name === name).block;
  assert.deepEqual(["Conv1", "expanded_conv_project", "block_3_pad", "block_4_add", "Conv_1"].map(blockOf), [
    null,
    "expanded_conv",
    "block_3",
    "block_4",
    null,
  ]);
  const text = await mobilenets(["summary", "mobilenet_v1", "--flavor", "article"]);
  assert.match(text.stdout, /\nlayer +block +type +output shape +params +MACs\n/);
  assert.match(text.stdout, /\nconv1_relu +ReLU +1x112x112x32 /);
  assert.match(text.stdout, /\nconv_pw_13 +13 +Conv2D +1x7x7x1024 /);
});

test("--print graph", async () => {
  const { code, stdout } = await mobilenets(["summary", "mobilenet_v1", "--print", "graph"]);
  assert.equal(code, 0);
  assert.match(stdout, /^mobilenet_v1\(.*\[1,224,224,3\]\)\nconv1 \[1,112,112,32\] = conv2d\(/);
});

test("bad usage: exit code 2, nothing on stdout, and what would have been right", async () => {
  for (const [args, message] of [
    [["summary"], /missing required argument 'network'/],
    [["summary", "mobilenet_v9"], /Allowed choices are mobilenet_v1, mobilenet_v2/],
    [
      ["summary", "mobilenet_v1", "--flavor", "torchvision"],
      /error: mobilenet_v1: .*expected one of keras, timm, article/,
    ],
    [
      ["summary", "mobilenet_v1", "--alpha", "wide"],
      /'--alpha <number>' argument 'wide' is invalid. Expected a number/,
    ],
    [["summary", "mobilenet_v1", "--alpha", "-1"], /error: mobilenet_v1: alpha -1, expected a number > 0/],
    [["summary", "mobilenet_v1", "--size", "16"], /error: mobilenet_v1: inputShape .*>= 32/],
    [["summary", "mobilenet_v1", "--depth", "3"], /unknown option '--depth'/],
    [["summary", "mobilenet_v1", "--print", "graph", "--json"], /cannot be used with/],
    [["sumary", "mobilenet_v1"], /unknown command 'sumary'\n\(Did you mean summary\?\)/],
    [[], /Usage: mobilenets/],
  ] as const) {
    const { code, stdout, stderr } = await mobilenets(args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(stdout, "", args.join(" "));
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n {4}at /, "no stack");
  }
});

test("help of every command, and the version, on stdout with exit code 0", async () => {
  for (const command of ["summary", "explain", "classify", "embed", "extract"]) {
    const { code, stdout, stderr } = await mobilenets([command, "--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, new RegExp(`^Usage: mobilenets ${command} `));
    assert.match(stdout, /--json /);
  }
  assert.match((await mobilenets(["--version"])).stdout, /^\d+\.\d+\.\d+\n$/);
});

test("a reader that goes away early is no error", async () => {
  const child = start(["summary", "mobilenet_v2", "--print", "graph"]);
  const ended = outcome(child);
  await once(child.stdout!, "data");
  child.stdout!.destroy();
  const { code, stderr } = await ended;
  assert.deepEqual([code, stderr], [0, ""]);
});

test("a file is shown as it computes: each value with the integers it is stored in", async () => {
  const file = fileURLToPath(new URL("../golden/tflite/v2-int8.tflite", import.meta.url));
  const { code, stdout } = await mobilenets(["summary", file, "--print", "graph"]);
  assert.equal(code, 0);
  const [header, ...lines] = stdout.trimEnd().split("\n");
  assert.match(header, /^tflite\(\S+ u?int8\[1,\d+,\d+,3\] \S+:\S+\)$/);
  assert.match(lines.at(-1) ?? "", /^-> /);
  for (const line of lines.slice(0, -1)) assert.match(line, /^\S+ u?int(8|32)\[[\d,]+\] \S+:\S+/);
  const layers = JSON.parse((await mobilenets(["summary", file, "--json"])).stdout);
  assert.equal(layers.network, "mobilenet_v2");
});

test("a file says its network itself, and may be none", async () => {
  const file = fileURLToPath(new URL("../golden/tflite/v2-int8.tflite", import.meta.url));
  const both = await mobilenets(["summary", file, "--alpha", "0.5"]);
  assert.equal(both.code, 2);
  assert.match(both.stderr, /alpha: given with the file .*, expected a network's name with it, or the file alone/);
  assert.equal((await mobilenets(["summary", "./nothing.tflite"])).code, 1);
  const misspelt = await mobilenets(["summary", "mobilenet_v9"]);
  assert.equal(misspelt.code, 2);
  assert.match(misspelt.stderr, /Allowed choices are mobilenet_v1/);
});
