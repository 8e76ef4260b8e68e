import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { load, type Picture } from "mobilenets";
import { shippedWeights } from "mobilenets/weights";
import { classNames, folderOf, readClass, SIDE } from "../scripts/demo/fashion-mnist.ts";

/** Of each class, from its end: of the test set, which training never saw. */
const PER_CLASS = 30;

test("the shipped network knows products it has never seen, and is small", async () => {
  const file = shippedWeights["fashion-mnist"];
  assert.ok((await stat(fileURLToPath(file))).size <= 1.5e6);
  const model = await load(file);
  assert.deepEqual(model.labels, classNames.map((_, i) => folderOf(i)).sort());
  let right = 0;
  for (const label of classNames.keys()) {
    const products = (await readClass(label, Infinity)).slice(-PER_CLASS);
    const pictures = products.map((data): Picture => ({ data, width: SIDE, height: SIDE, channels: 1 }));
    const answers = await model.classify(pictures, { topK: 1 });
    right += answers.filter(([best]) => best.label === folderOf(label)).length;
  }
  model.dispose();
  const accuracy = right / (PER_CLASS * classNames.length);
  assert.ok(accuracy >= 0.9, `${accuracy}`);
});
