import assert from "node:assert/strict";
import { test } from "node:test";
import { WeightsError } from "../../errors.ts";
import { tensor } from "../../tensor.ts";
import { fromTorch, toTorch } from "./torch-layout.ts";

test("a convolution is OIHW there, HWIO here", () => {
  const oihw = tensor([2, 3, 1, 1], [0, 1, 2, 10, 11, 12]);
  const hwio = fromTorch("conv", "kernel", oihw, "x");
  assert.deepEqual(hwio, tensor([1, 1, 3, 2], [0, 10, 1, 11, 2, 12]));
  assert.deepEqual(toTorch("conv", "kernel", hwio, false), oihw);
});

test("a Linear module is [out,in], be ours dense or a 1x1 convolution", () => {
  const linear = tensor([2, 3], [0, 1, 2, 10, 11, 12]);
  assert.deepEqual(fromTorch("conv", "kernel", linear, "x"), tensor([3, 2], [0, 10, 1, 11, 2, 12]));
  assert.deepEqual(toTorch("conv", "kernel", tensor([3, 2], [0, 10, 1, 11, 2, 12]), true), linear);
  assert.deepEqual(toTorch("conv", "kernel", tensor([1, 1, 3, 2], [0, 10, 1, 11, 2, 12]), true), linear);
});

test("a depthwise kernel has its window last there, first here", () => {
  const theirs = tensor([3, 1, 1, 2], [0, 1, 10, 11, 20, 21]);
  const ours = fromTorch("depthwise", "depthwise_kernel", theirs, "x");
  assert.deepEqual(ours, tensor([1, 2, 3, 1], [0, 10, 20, 1, 11, 21]));
  assert.deepEqual(toTorch("depthwise", "depthwise_kernel", ours, false), theirs);
});

test("vectors stay as they are; other numbers of dimensions are refused", () => {
  const bias = tensor([3], [1, 2, 3]);
  assert.equal(fromTorch("norm", "gamma", bias, "x"), bias);
  assert.equal(toTorch("conv", "bias", bias, true), bias);
  const refused = (call: () => unknown, message: RegExp) =>
    assert.throws(call, (error: unknown) => error instanceof WeightsError && message.test(error.message));
  refused(
    () => fromTorch("norm", "gamma", tensor([]), "x: a.weight"),
    /x: a\.weight: shape \[\], expected 1 dimension/,
  );
  refused(() => fromTorch("conv", "kernel", bias, "x"), /shape \[3\], expected 4 dimensions, or 2/);
  refused(() => fromTorch("depthwise", "depthwise_kernel", tensor([1, 1]), "x"), /expected 4 dimensions$/);
});
