import assert from "node:assert/strict";
import { test } from "node:test";
import type { Verdict } from "mobilenets/train";
import { classScores, classTable, commonConfusions, confusionOf } from "./class-scores.ts";

const names = ["cat", "dog", "owl"];
/** 3 cats, one of them predicted as dog; 1 dog, predicted as cat; no owl. */
const verdicts = [
  [0, 0],
  [0, 1],
  [0, 0],
  [1, 0],
].map(([label, predicted], index): Verdict => ({ index, label, predicted, ofLabel: 0, ofPredicted: 0, rank: 0 }));

test("confusion, precision and recall by hand", () => {
  const matrix = confusionOf(verdicts, 3);
  assert.deepEqual(matrix, [
    [2, 1, 0],
    [1, 0, 0],
    [0, 0, 0],
  ]);
  assert.deepEqual(classScores(matrix, names), [
    { name: "cat", count: 3, precision: 2 / 3, recall: 2 / 3 },
    { name: "dog", count: 1, precision: 0, recall: 0 },
    { name: "owl", count: 0, precision: Number.NaN, recall: Number.NaN },
  ]);
  assert.deepEqual(classTable(classScores(matrix, names)).at(-1), "owl           0          -       -");
  assert.deepEqual(commonConfusions(matrix, names, 1), [{ label: "cat", predicted: "dog", count: 1 }]);
});
