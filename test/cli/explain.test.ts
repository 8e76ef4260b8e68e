import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { networkNames } from "mobilenets";
import { countByHand, paperBlocks } from "../support/paper-tables.ts";
import { temporaryFolder } from "./folder.ts";
import { mobilenets } from "./run.ts";

const cwd = await temporaryFolder();
const whole = await mobilenets(["explain"]);

test("the lesson: 108 weights become 39, and what the networks make of it", () => {
  assert.deepEqual([whole.code, whole.stderr], [0, ""]);
  assert.match(whole.stdout, /^Why 108 becomes 39\n=+\n/);
  assert.match(whole.stdout, /\nstandard +4 of 3 x 3 x 3 +4 x 3 x 3 x 3 +108 +2,700 +175\n/);
  assert.match(whole.stdout, /\ndepthwise \+ pointwise +39 +975 +325\n/);
  assert.match(whole.stdout, /39 weights, 36\.1 % of 108\. The share is 1\/4 \+ 1\/9/);
  assert.match(whole.stdout, /\nconv_dw_1 \+ conv_pw_1 +2,336 +18,432 +7\.89 /);
  assert.match(whole.stdout, /\nblock_2 +24 > 144 > 24 +3x3 +1 +56x56x24 +yes +ReLU6 +none +9,456 +25,740,288 /);
  assert.match(whole.stdout, /\nexpanded_conv_4 +240 > 64 > 240 +ReLU +hard sigmoid +31,024 +30,720 /);
  assert.match(whole.stdout, /\nh-swish +x \* relu6\(x \+ 3\) \/ 6 +add, max, min, multiply, multiply +19 +799,136 /);
  assert.match(
    whole.stdout,
    /\nmobilenet_v3_large +keras +224x224x3 +5,507,432 +216,589,760 +1,331,974,016 +66\.8 MB /,
  );
  assert.doesNotMatch(whole.stdout, /\u00a0|NaN|undefined/);
});

test("prose keeps to a hundred columns", () => {
  const prose = whole.stdout.split("\n").filter((line) => /^[A-Z]/.test(line) && !line.includes("   "));
  assert.ok(prose.length >= 10, String(prose.length));
  assert.deepEqual(
    prose.filter((line) => line.length > 100),
    [],
  );
});

test("as JSON: the example and all networks", async () => {
  const { code, stdout, stderr } = await mobilenets(["explain", "--json"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const { example, networks, ...rest } = JSON.parse(stdout);
  assert.deepEqual(rest, {});
  assert.deepEqual([example.standard.weights, example.separable.weights], [108, 39]);
  assert.deepEqual(
    networks.map(({ network }: { network: string }) => network),
    networkNames,
  );
  for (const { network, totals, standard } of networks) {
    const { separable, standard: expected } = countByHand(network);
    assert.deepEqual([totals.macs, standard], [separable.macs, expected], network);
    assert.equal(totals.memory.total, totals.memory.weights + totals.memory.read + totals.memory.written);
  }
});

test("one network as JSON: pairs with factors, blocks, gates, functions, and the others beside it", async () => {
  const { code, stdout } = await mobilenets(["explain", "mobilenet_v3_small", "--flavor", "article", "--json"]);
  assert.equal(code, 0);
  const explained = JSON.parse(stdout);
  assert.deepEqual(Object.keys(explained), [
    "network",
    "flavor",
    "inputShape",
    "totals",
    "blocks",
    "squeezeAndExcite",
    "nonlinearities",
    "savings",
    "example",
    "networks",
  ]);
  assert.deepEqual([explained.network, explained.flavor], ["mobilenet_v3_small", "article"]);
  assert.deepEqual([explained.totals.params, explained.totals.trainable], [2_555_742, 2_543_598]);
  assert.deepEqual(
    explained.blocks.map(({ channels }: { channels: object }) => channels),
    paperBlocks.mobilenet_v3_small.map(({ input, expanded, output }) => ({ input, expanded, output })),
  );
  assert.equal(explained.savings.pairs.length, 11);
  assert.ok(explained.savings.network.factor.macs > 6);
  assert.deepEqual(
    explained.networks.map(({ flavor }: { flavor: string }) => flavor),
    ["article", "article", "article", "keras", "tensorflow"],
  );
});

test("options reach the network, and its size the others", async () => {
  const options = [
    "--alpha",
    "0.5",
    "--size",
    "96x160",
    "--channels",
    "1",
    "--classes",
    "7",
    "--depth-multiplier",
    "2",
  ];
  const { code, stdout } = await mobilenets(["explain", "mobilenet_v1", ...options, "--json"]);
  assert.equal(code, 0);
  const { blocks, networks, inputShape } = JSON.parse(stdout);
  assert.deepEqual(inputShape, [1, 96, 160, 1]);
  assert.deepEqual(blocks[0].channels, { input: 16, expanded: 32, output: 32 });
  for (const other of networks) assert.deepEqual(other.inputShape, [1, 96, 160, 1]);
  const text = await mobilenets(["explain", "mobilenet_v1", ...options]);
  assert.match(text.stdout, /^mobilenet_v1, flavor keras, input 1x96x160x1\n/);
});

test("--html writes a page and says where; with --json both", async () => {
  const { code, stdout, stderr } = await mobilenets(["explain", "--html", "pages/lesson.html"], { cwd });
  assert.deepEqual([code, stdout], [0, "pages/lesson.html\n"]);
  assert.match(stderr, /^a page of [\d.]+ kB: open it in a browser\n$/);
  const page = await readFile(join(cwd, "pages/lesson.html"), "utf8");
  assert.match(page, /^<!doctype html>[\s\S]*<b>108<\/b>[\s\S]*<b>39<\/b>[\s\S]*<\/html>\n$/);
  const both = await mobilenets(["explain", "mobilenet_v2", "--html", "v2.html", "--json"], { cwd });
  assert.equal(JSON.parse(both.stdout).network, "mobilenet_v2");
  assert.match(await readFile(join(cwd, "v2.html"), "utf8"), /<h1>mobilenet_v2 explained<\/h1>/);
});

test("a page that cannot be written ends the command with 1", async () => {
  await writeFile(join(cwd, "file"), "");
  const { code, stdout, stderr } = await mobilenets(["explain", "--html", "file/lesson.html"], { cwd });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /error: E[A-Z]+: .*file/);
  assert.doesNotMatch(stderr, /\n {4}at /);
});

test("bad usage: exit code 2, and what would have been right", async () => {
  for (const [args, message] of [
    [["mobilenet_v9"], /Allowed choices are mobilenet_v1/],
    [["mobilenet_v1", "--flavor", "torchvision"], /expected one of keras, timm, article/],
    [["mobilenet_v2", "--depth-multiplier", "2"], /mobilenet_v2: depthMultiplier 2, expected none/],
    [["--minimalistic"], /--minimalistic: no network, .*: mobilenets explain mobilenet_v3_small --minimalistic/],
    [["--depth-multiplier", "2"], /mobilenets explain mobilenet_v1 --depth-multiplier 2/],
    [["--alpha", "0"], /alpha 0, expected a number > 0/],
    [["--html"], /argument missing/],
  ] as const) {
    const { code, stdout, stderr } = await mobilenets(["explain", ...args]);
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
    assert.match(stderr, message);
  }
});
