import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { imagenetLabels, imagenetWords } from "./imagenet.ts";

const labels = imagenetLabels();

test("1,000 classes, each wnid once, in ascending order", () => {
  assert.equal(labels.length, 1000);
  const wnids = labels.map(({ wnid }) => wnid);
  assert.ok(wnids.every((wnid) => /^n\d{8}$/.test(wnid)));
  assert.deepEqual(wnids, [...new Set(wnids)].sort());
  assert.ok(labels.every(({ label }) => /^[A-Za-z'][\w '.,/-]+$/.test(label)));
});

test("the wnids are those of timm's imagenet_synsets.txt", () => {
  // sha256 of the file in the timm 1.0.31 wheel (data/_info): one wnid a line.
  const text = labels.map(({ wnid }) => `${wnid}\n`).join("");
  assert.equal(
    createHash("sha256").update(text).digest("hex"),
    "70002b0ff5de60a3a17a82dbfcff291931f96225ddf941ad2e182fc39e183d15",
  );
});

test("known classes are where Keras has them", () => {
  const known: [index: number, wnid: string, label: string][] = [
    [0, "n01440764", "tench, Tinca tinca"],
    [134, "n02012849", "crane"],
    [281, "n02123045", "tabby, tabby cat"],
    [517, "n03126707", "crane"],
    [934, "n07697537", "hotdog, hot dog, red hot"],
    [985, "n11939491", "daisy"],
    [999, "n15075141", "toilet tissue, toilet paper, bathroom tissue"],
  ];
  for (const [index, wnid, label] of known) {
    assert.deepEqual(labels[index], { wnid, label });
    assert.equal(imagenetWords()[index], label);
  }
});

const fixture = new URL("../../../../../shared/fixtures/imagenet_labels.txt", import.meta.url);
test("the words are those of the 1,001 labels published with Google's models, less the background", {
  skip: !existsSync(fixture) && "no ../shared/fixtures/imagenet_labels.txt beside the project",
}, () => {
  const [background, ...expected] = readFileSync(fixture, "utf8").trimEnd().split("\n");
  assert.equal(background, "background");
  assert.deepEqual(
    labels.map(({ label }) => label),
    expected,
  );
});
