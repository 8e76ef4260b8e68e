import assert from "node:assert/strict";
import { test } from "node:test";
import { counting, runOp } from "../../../../../test/support/run-op.ts";
import { GraphError } from "../../errors.ts";
import { tensor } from "../../tensor.ts";
import { activation } from "./activation.ts";
import { add } from "./add.ts";
import { dropout } from "./dropout.ts";
import { multiply } from "./multiply.ts";
import { rescaling } from "./rescaling.ts";

test("activation leaves its input alone", () => {
  const x = tensor([1, 1, 1, 3], [-1, 2, 9]);
  assert.deepEqual(runOp(activation, { activation: "relu6" }, x), tensor([1, 1, 1, 3], [0, 2, 6]));
  assert.deepEqual([...x.data], [-1, 2, 9]);
});

test("softmax as a layer runs over the last axis", () => {
  const ln3 = Math.log(3);
  const output = runOp(activation, { activation: "softmax" }, tensor([1, 1, 2, 2], [0, 0, ln3, 0]));
  for (const [i, p] of [0.5, 0.5, 0.75, 0.25].entries()) assert.ok(Math.abs(output.data[i] - p) < 1e-7);
});

test("add sums equal shapes and refuses others", () => {
  assert.deepEqual(
    runOp(add, {}, counting([1, 2, 1, 2]), tensor([1, 2, 1, 2], [10, 20, 30, -4])).data,
    Float32Array.of(11, 22, 33, 0),
  );
  assert.throws(
    () =>
      add.shape(
        [
          [1, 2, 1, 2],
          [1, 1, 1, 2],
        ],
        {},
      ),
    GraphError,
  );
});

test("multiply takes a gate of the same shape, or one number per channel of each picture", () => {
  const x = counting([2, 1, 2, 2]);
  assert.deepEqual(runOp(multiply, {}, x, x).data, Float32Array.of(1, 4, 9, 16, 25, 36, 49, 64));
  assert.deepEqual(runOp(multiply, {}, counting([2, 3]), counting([2, 3])).data, Float32Array.of(1, 4, 9, 16, 25, 36));
  const gate = tensor([2, 1, 1, 2], [1, 10, 100, 0]);
  assert.deepEqual(runOp(multiply, {}, x, gate).data, Float32Array.of(1, 20, 3, 40, 500, 0, 700, 0));
  assert.throws(
    () =>
      multiply.shape(
        [
          [1, 2, 2, 3],
          [1, 1, 1, 2],
        ],
        {},
      ),
    GraphError,
  );
  assert.throws(
    () =>
      multiply.shape(
        [
          [1, 2, 2, 3],
          [1, 3],
        ],
        {},
      ),
    GraphError,
  );
});

test("rescaling is x * scale + offset", () => {
  const output = runOp(rescaling, { scale: 1 / 127.5, offset: -1 }, tensor([1, 1, 1, 3], [0, 127.5, 255]));
  assert.deepEqual(output, tensor([1, 1, 1, 3], [-1, 0, 1]));
});

test("dropout passes everything at inference", () => {
  assert.deepEqual(runOp(dropout, { rate: 0.9 }, counting([1, 3])), counting([1, 3]));
});
