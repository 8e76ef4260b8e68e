import assert from "node:assert/strict";
import { test } from "node:test";
import { runOp } from "../../../../../test/support/run-op.ts";
import { GraphError } from "../../errors.ts";
import { tensor } from "../../tensor.ts";
import { dense } from "./dense.ts";

test("multiplies rows by the kernel [channels, units], adds the bias and activates", () => {
  const attrs = { units: 3, useBias: true, activation: "relu" } as const;
  const kernel = tensor([2, 3], [1, 2, 3, 10, 20, -30]);
  const output = runOp(dense, attrs, tensor([2, 2], [1, 2, 0, 1]), kernel, tensor([3], [0.5, -50, 0]));
  assert.deepEqual(output, tensor([2, 3], [21.5, 0, 0, 10.5, 0, 0]));
});

test("softmax runs over the units of each row", () => {
  const attrs = { units: 2, useBias: false, activation: "softmax" } as const;
  const output = runOp(dense, attrs, tensor([2, 1], [0, Math.log(3)]), tensor([1, 2], [1, 0]));
  for (const [i, p] of [0.5, 0.5, 0.75, 0.25].entries()) assert.ok(Math.abs(output.data[i] - p) < 1e-7);
});

test("states its parameters and its multiply-adds", () => {
  const attrs = { units: 5, useBias: true, activation: "linear" } as const;
  const params = dense.params?.([[1, 8]], attrs);
  assert.deepEqual(params?.kernel.shape, [8, 5]);
  assert.deepEqual(params?.bias.shape, [5]);
  assert.equal(dense.macs?.([[1, 8], [8, 5], [5]], attrs, [1, 5]), 40);
});

test("refuses maps, and kernels of other sizes", () => {
  const attrs = { units: 5, useBias: false, activation: "linear" } as const;
  assert.throws(
    () =>
      dense.shape(
        [
          [1, 2, 2, 8],
          [8, 5],
        ],
        attrs,
      ),
    GraphError,
  );
  assert.throws(
    () =>
      dense.shape(
        [
          [1, 8],
          [7, 5],
        ],
        attrs,
      ),
    GraphError,
  );
  assert.throws(
    () =>
      dense.shape(
        [
          [1, 8],
          [8, 6],
        ],
        attrs,
      ),
    GraphError,
  );
});
