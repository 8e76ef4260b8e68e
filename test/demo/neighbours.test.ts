import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../scripts/demo/evaluate.ts";
import { matrixOf, neighbours, vote } from "../../scripts/demo/neighbours.ts";

test("neighbours are ordered by the cosine of the vectors less their mean, without the row itself", async () => {
  // The mean is [1,1]; less it the rows point east, north-east, west and south-west, at different lengths.
  const matrix = matrixOf([
    [5, 1],
    [2, 2],
    [-1, 1],
    [-2, 0],
  ]);
  const [first] = await neighbours(matrix, 3);
  assert.deepEqual(
    first.map(({ row }) => row),
    [1, 3, 2],
  );
  const cosines = [Math.SQRT1_2, -3 / Math.sqrt(10), -1];
  first.forEach(({ similarity }, i) => {
    assert.ok(Math.abs(similarity - cosines[i]) < 1e-6, `${similarity}`);
  });
});

test("among classes with as many votes the nearest one wins", () => {
  const at = (row: number) => ({ row, similarity: 0 });
  const labels = [7, 8, 8, 7, 9];
  assert.equal(vote([at(4), at(1), at(0), at(3), at(2)], labels), 8);
  assert.equal(vote([at(4), at(0), at(3)], labels), 7);
});

test("the confusion table counts by actual, then predicted class", async () => {
  // Two pairs, and a third point of class 0 that lies among class 1.
  const angles = [0, 0.1, 2, 2.1, 2.05];
  const matrix = matrixOf(angles.map((a) => [Math.cos(a), Math.sin(a)]));
  const { confusion, accuracy } = await evaluate(matrix, [0, 0, 1, 1, 0], { k: 1, shown: 2, classes: 2 });
  // Its neighbours, in turn, have it as their nearest.
  assert.deepEqual(confusion, [
    [2, 1],
    [2, 0],
  ]);
  assert.equal(accuracy, 2 / 5);
});
