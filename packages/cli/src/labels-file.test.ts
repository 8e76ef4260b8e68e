import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { OptionError } from "mobilenets";
import { buildGraph } from "mobilenets/graph";
import { checkLabels, readLabels } from "./labels-file.ts";

let dir: string;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), "labels-"));
});
after(() => rm(dir, { recursive: true }));

async function read(content: string): Promise<readonly string[]> {
  const path = join(dir, "labels.txt");
  await writeFile(path, content);
  return readLabels(path);
}

test("a name per line: in any system's text files", async () => {
  assert.deepEqual(await read("cat\ndog\n"), ["cat", "dog"]);
  assert.deepEqual(await read("\ufeffcat\r\n tiger cat \r\n\r\n"), ["cat", "tiger cat"]);
});

test("a JSON array of names", async () => {
  assert.deepEqual(await read('\n["tabby, tabby cat", "dog"]'), ["tabby, tabby cat", "dog"]);
});

test("names behind their numbers, and an object that numbers them", async () => {
  const names = ["cat", "dog, wet"];
  for (const text of [
    "0 cat\n1 dog, wet\n",
    "0  cat\r\n1  dog, wet\r\n",
    "0: cat\n1: dog, wet",
    "0,cat\n1,dog, wet",
    '{"0": "cat", "1": "dog, wet"}',
    '{"dog, wet": 1, "cat": 0}',
    '{"1": ["n02", "dog, wet"], "0": ["n01", "cat"]}',
  ]) {
    assert.deepEqual(await read(text), names, text);
  }
  for (const lines of [
    ["1 euro", "2 euro"],
    ["0", "1"],
    ["0.5 mm", "1.5 mm"],
  ]) {
    assert.deepEqual(await read(lines.join("\n")), lines);
  }
});

test("files that name no classes are refused", async () => {
  for (const [content, message] of [
    ["cat\n\ndog\n", /labels\.txt: no name in place 2, expected a name for each class/],
    ["", /no names, expected a name for each class/],
    ['{"0": "cat", "2": "dog"}', /no name in place 2/],
    ['["cat", 7]', /no name in place 2/],
    ['["cat"', /no JSON, expected an array of names/],
  ] as const) {
    await assert.rejects(read(content), (error: Error) => error instanceof OptionError && message.test(error.message));
  }
  await assert.rejects(readLabels(join(dir, "missing")), /^OptionError: --labels .*missing: no such file$/);
  await assert.rejects(readLabels(dir), OptionError);
});

test("there is a name for each class of the network, and both counts are told", () => {
  const model = (options: object) => ({ program: { graph: buildGraph("mobilenet_v1", options), weights: {} } });
  checkLabels(["a", "b"], "f", model({ classes: 2 }));
  checkLabels(undefined, "f", model({ classes: 2 }));
  assert.throws(
    () => checkLabels(["a"], "names.txt", model({ classes: 2 })),
    /--labels names\.txt: 1 name, expected 2, the classes of mobilenet_v1/,
  );
  for (const pooling of [null, "avg", "max"]) {
    const headless = model({ includeTop: false, pooling });
    assert.throws(() => checkLabels(["a"], "f", headless), /1 name, expected none: mobilenet_v1 has no classifier/);
  }
});
