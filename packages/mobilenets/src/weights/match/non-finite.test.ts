import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../../load.ts";
import { tensor } from "../../tensor.ts";
import { writeModelFile } from "../safetensors/model-file.ts";
import { nonFiniteNote } from "./non-finite.ts";

test("each place of a tensor counts", () => {
  assert.equal(nonFiniteNote({ a: tensor([5]), b: tensor([0]) }), undefined);
  for (const bad of [Number.NaN, Infinity, -Infinity]) {
    for (let at = 0; at < 7; at++) {
      const broken = tensor([7]);
      broken.data[at] = bad;
      assert.match(
        nonFiniteNote({ a: tensor([3]), "conv/kernel": broken }) ?? "",
        /^NaN or infinity in conv\/kernel: /,
      );
    }
  }
});

async function brokenModel(notes: string[]) {
  const random = await load("mobilenet_v1", { alpha: 0.25, classes: 3, weights: "random" });
  random.program.weights["conv_dw_3_bn/beta"].data[0] = Infinity;
  const file = writeModelFile(random);
  random.dispose();
  return load(file, { warn: (note) => notes.push(note) });
}

test("infinite weights, which ReLU6 makes finite again, are told once, behind the first picture", async () => {
  const notes: string[] = [];
  const broken = await brokenModel(notes);
  const { data } = await broken.predict(tensor([1, ...broken.inputShape]));
  assert.ok(data.every(Number.isFinite));
  while (notes.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await broken.predict(tensor([1, ...broken.inputShape]));
  assert.deepEqual(notes, broken.notes);
  assert.match(notes[0], /NaN or infinity in conv_dw_3_bn\/beta/);
  assert.equal(notes.length, 1);
  broken.dispose();
});

test("a model that runs no picture tells when its notes are read", async () => {
  const notes: string[] = [];
  const broken = await brokenModel(notes);
  assert.deepEqual(broken.notes, notes);
  assert.equal(notes.length, 1);
});
