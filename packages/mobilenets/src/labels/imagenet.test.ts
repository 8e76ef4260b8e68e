import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { imagenetLabels } from "./imagenet.ts";

const labels = imagenetLabels();

test("1,000 classes", () => {
  assert.equal(labels.length, 1000);
  assert.ok(labels.every((label) => /^[A-Za-z'][\w '.,/-]+$/.test(label)));
});

test("known classes are where Keras has them", () => {
  const known: [index: number, label: string][] = [
    [0, "tench, Tinca tinca"],
    [134, "crane"],
    [281, "tabby, tabby cat"],
    [517, "crane"],
    [934, "hotdog, hot dog, red hot"],
    [985, "daisy"],
    [999, "toilet tissue, toilet paper, bathroom tissue"],
  ];
  for (const [index, label] of known) assert.equal(labels[index], label);
});

test("the words of all, in this order", () => {
  const digest = createHash("sha256").update(labels.join("\n")).digest("hex");
  assert.equal(digest, "a40d9be82eb4738becd1dd69991b89f87f309975e860a6f3f45395d8c06a7e0d");
});

const fixture = new URL("../../../../../shared/fixtures/imagenet_labels.txt", import.meta.url);
test("the words are those of the 1,001 labels published with Google's models, less the background", {
  skip: !existsSync(fixture) && "no ../shared/fixtures/imagenet_labels.txt beside the project",
}, () => {
  const [background, ...expected] = readFileSync(fixture, "utf8").trimEnd().split("\n");
  assert.equal(background, "background");
  assert.deepEqual(labels, expected);
});
