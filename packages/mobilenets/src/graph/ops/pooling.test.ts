import assert from "node:assert/strict";
import { test } from "node:test";
import { counting, runOp } from "../../../../../test/support/run-op.ts";
import { GraphError } from "../../errors.ts";
import { tensor } from "../../tensor.ts";
import { globalAveragePooling2d } from "./global_average_pooling2d.ts";
import { globalMaxPooling2d } from "./global_max_pooling2d.ts";

/** Two pictures of 1x2 pixels and 3 channels. */
const x = tensor([2, 1, 2, 3], [1, -2, 3, 5, -8, 7, 0, 0, 0, 1, -1, 4]);

test("the average of each channel of each picture", () => {
  assert.deepEqual(runOp(globalAveragePooling2d, { keepdims: false }, x), tensor([2, 3], [3, -5, 5, 0.5, -0.5, 2]));
});

test("the largest of each channel of each picture, also where all are negative", () => {
  assert.deepEqual(runOp(globalMaxPooling2d, { keepdims: false }, x), tensor([2, 3], [5, -2, 7, 1, 0, 4]));
});

test("keepdims leaves height and width as 1", () => {
  for (const op of [globalAveragePooling2d, globalMaxPooling2d]) {
    assert.deepEqual(op.shape([[2, 7, 5, 3]], { keepdims: true }), [2, 1, 1, 3]);
    assert.deepEqual(op.shape([[2, 7, 5, 3]], { keepdims: false }), [2, 3]);
    assert.throws(() => op.shape([[2, 3]], { keepdims: false }), GraphError);
  }
  assert.deepEqual(
    runOp(globalAveragePooling2d, { keepdims: true }, counting([1, 2, 2, 1])),
    tensor([1, 1, 1, 1], [2.5]),
  );
});
