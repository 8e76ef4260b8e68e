import assert from "node:assert/strict";
import { test } from "node:test";
import { runOp } from "../../../../../test/support/run-op.ts";
import { GraphError } from "../../errors.ts";
import { tensor } from "../../tensor.ts";
import { batchNormalization } from "./batch_normalization.ts";

const attrs = { epsilon: 1, momentum: 0.99 };

test("(x - mean) / sqrt(variance + epsilon) * gamma + beta, for each channel", () => {
  const output = runOp(
    batchNormalization,
    attrs,
    tensor([1, 1, 2, 2], [5, 1, 3, 11]),
    tensor([2], [2, -3]),
    tensor([2], [1, 0]),
    tensor([2], [3, 1]),
    tensor([2], [3, 24]),
  );
  assert.deepEqual(output, tensor([1, 1, 2, 2], [3, 0, 1, -6]));
});

test("has four parameters a channel, of which the moving statistics are not trained", () => {
  const params = batchNormalization.params?.([[1, 4, 4, 6]], attrs) ?? {};
  assert.deepEqual(params, {
    gamma: { shape: [6], trainable: true, init: "ones" },
    beta: { shape: [6], trainable: true, init: "zeros" },
    moving_mean: { shape: [6], trainable: false, init: "zeros" },
    moving_variance: { shape: [6], trainable: false, init: "ones" },
  });
});

test("refuses parameters of other sizes", () => {
  assert.throws(() => batchNormalization.shape([[1, 2, 2, 3], [3], [3], [3], [2]], attrs), GraphError);
});
