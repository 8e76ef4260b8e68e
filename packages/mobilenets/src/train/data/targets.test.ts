import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../../errors.ts";
import type { Dataset } from "./dataset.ts";
import { balancedWeights, targetsOf } from "./targets.ts";

function dataset(labels: readonly (readonly number[])[], classes = ["a", "b", "c", "d"]): Dataset {
  return {
    classes,
    examples: labels.map((own, i) => ({ id: `${i}.png`, labels: own })),
    picture: () => Promise.reject(new Error("not needed")),
  };
}

const single = dataset([[2], [0], [2], [2], [1]]);

test("one-hot rows", () => {
  assert.deepEqual(targetsOf(single, [0, 1])([0, 1]), Float32Array.of(0, 0, 1, 0, 1, 0, 0, 0));
});

test("label smoothing spreads its share over all classes", () => {
  assert.deepEqual(targetsOf(single, [0], { labelSmoothing: 0.1 })([0]), Float32Array.of(0.025, 0.025, 0.925, 0.025));
});

test("class weights multiply the row of the example", () => {
  const targets = targetsOf(single, [0, 1], { classWeights: [2, 1, 0.5, 1], labelSmoothing: 0.4 });
  assert.deepEqual(targets([1, 0]), Float32Array.of(1.4, 0.2, 0.2, 0.2, 0.05, 0.05, 0.35, 0.05));
});

test("balanced weights let classes count alike", () => {
  // 5 examples of 3 classes: 1, 1 and 3.
  assert.deepEqual(balancedWeights(single, [0, 1, 2, 3, 4]), [5 / 3, 5 / 3, 5 / 9, 0]);
  const targets = targetsOf(single, [0, 1, 2, 3, 4], { classWeights: "balanced" });
  const rows = targets([0, 1, 2, 3, 4]);
  const sums = [0, 1, 2].map((c) => [0, 1, 2, 3, 4].reduce((sum, i) => sum + rows[i * 4 + c]!, 0));
  for (const sum of sums) assert.ok(Math.abs(sum - 5 / 3) < 1e-6, `${sums}`);
});

test("several labels: a row of zeros and ones, smoothed towards a half", () => {
  const several = dataset([[0, 3], [], [1]]);
  assert.deepEqual(
    targetsOf(several, [0, 1, 2], { multiLabel: true })([0, 1, 2]),
    Float32Array.of(1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0),
  );
  assert.deepEqual(
    targetsOf(several, [0], { multiLabel: true, labelSmoothing: 0.2 })([0]),
    Float32Array.of(0.9, 0.1, 0.1, 0.9),
  );
});

test("errors name the example and the option", () => {
  const several = dataset([[0], [0, 3], []]);
  assert.throws(() => targetsOf(several, [0, 1]), { name: "OptionError", message: /1\.png: 2 labels.*multiLabel/ });
  assert.throws(() => targetsOf(several, [2]), { message: /2\.png: 0 labels/ });
  targetsOf(several, [0]);
  assert.throws(() => targetsOf(single, [0], { labelSmoothing: 1 }), OptionError);
  assert.throws(() => targetsOf(single, [0], { classWeights: [1, 2] }), OptionError);
  assert.throws(() => targetsOf(single, [0], { classWeights: [1, 2, -1, 0] }), OptionError);
  assert.throws(() => targetsOf(several, [0], { classWeights: "balanced", multiLabel: true }), OptionError);
});
