import assert from "node:assert/strict";
import { test } from "node:test";
import { counting, runOp } from "../../../../../test/support/run-op.ts";
import { GraphError } from "../../errors.ts";
import { tensor } from "../../tensor.ts";
import { symmetric } from "../window.ts";
import { type Conv2dAttrs, conv2d } from "./conv2d.ts";

const plain: Conv2dAttrs = {
  filters: 1,
  kernelSize: [2, 2],
  strides: [1, 1],
  padding: "valid",
  useBias: false,
  activation: "linear",
};
/** 1 2 3 / 4 5 6 / 7 8 9 */
const picture = counting([1, 3, 3, 1]);
/** 1 2 / 3 4 */
const kernel = counting([2, 2, 1, 1]);

test("correlates the kernel with the picture, without turning it round", () => {
  const output = runOp(conv2d, plain, picture, kernel);
  assert.deepEqual(output, tensor([1, 2, 2, 1], [37, 47, 67, 77]));
});

test("same pads an even kernel at the bottom and right", () => {
  const output = runOp(conv2d, { ...plain, padding: "same" }, picture, kernel);
  assert.deepEqual(output, tensor([1, 3, 3, 1], [37, 47, 21, 67, 77, 33, 23, 26, 9]));
});

test("explicit zeros and strides: the window starts outside the picture", () => {
  const output = runOp(conv2d, { ...plain, padding: symmetric(1), strides: [2, 2] }, picture, kernel);
  // Windows at (-1,-1), (-1,1), (1,-1), (1,1).
  assert.deepEqual(output, tensor([1, 2, 2, 1], [4, 2 * 3 + 3 * 4, 4 * 2 + 7 * 4, 77]));
});

test("mixes channels: kernels are [height, width, input channel, filter]", () => {
  const x = tensor([2, 1, 1, 2], [5, 6, 1, 0]);
  const attrs: Conv2dAttrs = { ...plain, kernelSize: [1, 1], filters: 3 };
  const output = runOp(conv2d, attrs, x, tensor([1, 1, 2, 3], [1, 2, 3, 10, 20, 30]));
  assert.deepEqual(output, tensor([2, 1, 1, 3], [65, 130, 195, 1, 2, 3]));
});

test("adds bias, then the residual, then activates", () => {
  const attrs: Conv2dAttrs = {
    ...plain,
    kernelSize: [1, 1],
    filters: 2,
    useBias: true,
    residual: true,
    activation: "relu6",
  };
  const x = tensor([1, 1, 2, 1], [1, 2]);
  const inputs = [
    x,
    tensor([1, 1, 1, 2], [1, 1]),
    tensor([2], [100, -100]),
    tensor([1, 1, 2, 2], [-98, 101, -200, 200]),
  ];
  assert.deepEqual(runOp(conv2d, attrs, ...inputs), tensor([1, 1, 2, 2], [3, 2, 0, 6]));
});

test("sums in more than float32: large terms that cancel leave the small one", () => {
  const attrs: Conv2dAttrs = { ...plain, kernelSize: [1, 1] };
  const output = runOp(conv2d, attrs, tensor([1, 1, 1, 3], [2 ** 27, 1, 2 ** 27]), tensor([1, 1, 3, 1], [1, 1, -1]));
  assert.equal(output.data[0], 1);
});

test("states its parameters and its multiply-adds", () => {
  const attrs: Conv2dAttrs = { ...plain, filters: 8, useBias: true };
  const params = conv2d.params?.([[1, 6, 5, 3]], attrs);
  assert.deepEqual(params?.kernel, { shape: [2, 2, 3, 8], trainable: true, init: "glorot_uniform" });
  assert.deepEqual(params?.bias, { shape: [8], trainable: true, init: "zeros" });
  const shapes = [[1, 6, 5, 3], [2, 2, 3, 8], [8]];
  assert.deepEqual(conv2d.shape(shapes, attrs), [1, 5, 4, 8]);
  assert.equal(conv2d.macs?.(shapes, attrs, [1, 5, 4, 8]), 5 * 4 * 2 * 2 * 3 * 8);
});

test("refuses inputs that do not fit", () => {
  assert.throws(
    () =>
      conv2d.shape(
        [
          [1, 3, 3, 2],
          [2, 2, 1, 1],
        ],
        plain,
      ),
    GraphError,
  );
  assert.throws(
    () =>
      conv2d.shape(
        [
          [1, 9],
          [2, 2, 1, 1],
        ],
        plain,
      ),
    GraphError,
  );
  assert.throws(
    () =>
      conv2d.shape(
        [
          [1, 1, 3, 1],
          [2, 2, 1, 1],
        ],
        plain,
      ),
    GraphError,
  );
  const residual = { ...plain, residual: true };
  assert.throws(
    () =>
      conv2d.shape(
        [
          [1, 3, 3, 1],
          [2, 2, 1, 1],
          [1, 2, 1, 1],
        ],
        residual,
      ),
    GraphError,
  );
});
