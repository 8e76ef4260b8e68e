import assert from "node:assert/strict";
import { test } from "node:test";
import { counting, runOp } from "../../../../../test/support/run-op.ts";
import { GraphError } from "../../errors.ts";
import { tensor } from "../../tensor.ts";
import { type DepthwiseConv2dAttrs, depthwiseConv2d } from "./depthwise_conv2d.ts";

const plain: DepthwiseConv2dAttrs = {
  kernelSize: [2, 2],
  strides: [1, 1],
  padding: "valid",
  depthMultiplier: 1,
  useBias: false,
  activation: "linear",
};

test("works on each channel by itself", () => {
  // Channels 1 3 5 7 and 2 4 6 8; kernels 1 0 / 0 10 and 0 1 / 10 0.
  const kernel = tensor([2, 2, 2, 1], [1, 0, 0, 1, 0, 10, 10, 0]);
  const output = runOp(depthwiseConv2d, plain, counting([1, 2, 2, 2]), kernel);
  assert.deepEqual(output, tensor([1, 1, 1, 2], [1 + 70, 4 + 60]));
});

test("a depth multiplier puts an input channel's results side by side", () => {
  const attrs: DepthwiseConv2dAttrs = {
    ...plain,
    kernelSize: [1, 1],
    depthMultiplier: 2,
    useBias: true,
    activation: "relu",
  };
  const kernel = tensor([1, 1, 2, 2], [10, 20, 30, -40]);
  const output = runOp(depthwiseConv2d, attrs, tensor([2, 1, 1, 2], [2, 3, 0, 1]), kernel, tensor([4], [1, 2, 3, 4]));
  assert.deepEqual(output, tensor([2, 1, 1, 4], [21, 42, 93, 0, 1, 2, 33, 0]));
});

test("same padding of a stride-2 window over an even picture starts at its corner", () => {
  const ones = tensor([3, 3, 1, 1], Array(9).fill(1));
  const attrs: DepthwiseConv2dAttrs = { ...plain, kernelSize: [3, 3], strides: [2, 2], padding: "same" };
  const output = runOp(depthwiseConv2d, attrs, counting([1, 4, 4, 1]), ones);
  // Sums of 1..16 over rows and columns 0..2 and 2..3 (4 is padding).
  assert.deepEqual(
    output,
    tensor([1, 2, 2, 1], [54, 3 + 4 + 7 + 8 + 11 + 12, 9 + 10 + 11 + 13 + 14 + 15, 11 + 12 + 15 + 16]),
  );
});

test("states its parameters and its multiply-adds", () => {
  const attrs: DepthwiseConv2dAttrs = { ...plain, depthMultiplier: 3, useBias: true };
  const params = depthwiseConv2d.params?.([[1, 6, 5, 4]], attrs);
  assert.deepEqual(params?.depthwise_kernel.shape, [2, 2, 4, 3]);
  assert.deepEqual(params?.bias.shape, [12]);
  const shapes = [[1, 6, 5, 4], [2, 2, 4, 3], [12]];
  assert.deepEqual(depthwiseConv2d.shape(shapes, attrs), [1, 5, 4, 12]);
  assert.equal(depthwiseConv2d.macs?.(shapes, attrs, [1, 5, 4, 12]), 5 * 4 * 2 * 2 * 12);
});

test("refuses inputs that do not fit", () => {
  assert.throws(
    () =>
      depthwiseConv2d.shape(
        [
          [1, 3, 3, 2],
          [2, 2, 3, 1],
        ],
        plain,
      ),
    GraphError,
  );
  assert.throws(
    () =>
      depthwiseConv2d.shape(
        [
          [1, 18],
          [2, 2, 2, 1],
        ],
        plain,
      ),
    GraphError,
  );
});
