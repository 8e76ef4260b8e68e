import assert from "node:assert/strict";
import { test } from "node:test";
import { counting, runOp } from "../../../../../test/support/run-op.ts";
import { GraphError } from "../../errors.ts";
import { type Shape, tensor } from "../../tensor.ts";
import type { Op } from "../op.ts";
import { activationGrad } from "./activation_grad.ts";
import { batchMoments } from "./batch_moments.ts";
import { batchNormSums } from "./batch_norm_sums.ts";
import { batchNormalize } from "./batch_normalize.ts";
import { broadcast } from "./broadcast.ts";
import { channelSums } from "./channel_sums.ts";
import { conv2dInputGrad } from "./conv2d_input_grad.ts";
import { conv2dKernelGrad } from "./conv2d_kernel_grad.ts";
import { cropping2d } from "./cropping2d.ts";
import { denseInputGrad } from "./dense_input_grad.ts";
import { denseKernelGrad } from "./dense_kernel_grad.ts";
import { depthwiseConv2dInputGrad } from "./depthwise_conv2d_input_grad.ts";
import { depthwiseConv2dKernelGrad } from "./depthwise_conv2d_kernel_grad.ts";
import { globalMaxPooling2dGrad } from "./global_max_pooling2d_grad.ts";
import { multiplyGateGrad } from "./multiply_gate_grad.ts";
import { pick } from "./pick.ts";

// Results computed by hand; train/differentiate.test.ts compares gradients with differences.

test("moments are the mean and the biased variance of each channel, over the batch too", () => {
  const x = tensor([2, 1, 2, 2], [1, 10, 3, 10, 5, 10, 7, 50]);
  assert.deepEqual(runOp(batchMoments, {}, x), tensor([2, 2], [4, 20, 5, 300]));
});

test("moments of large numbers close together do not cancel", () => {
  const x = tensor([4, 1], [8388608, 8388609, 8388608, 8388609]);
  assert.deepEqual(runOp(batchMoments, {}, x).data, Float32Array.of(8388608.5, 0.25));
});

test("the training form normalises by the moments it is given, and activates", () => {
  // Square roots with epsilon: 2 and 4.
  const [moments, gamma, beta] = [tensor([2, 2], [1, 2, 3, 15]), tensor([2], [4, 8]), tensor([2], [10, -1])];
  const x = tensor([1, 1, 2, 2], [3, 4, -9, 0]);
  const normalised = (activation: "linear" | "relu6") =>
    runOp(batchNormalize, { epsilon: 1, activation }, x, moments, gamma, beta).data;
  assert.deepEqual(normalised("linear"), Float32Array.of(14, 3, -10, -5));
  assert.deepEqual(normalised("relu6"), Float32Array.of(6, 3, 0, 0));
});

test("what an activation has cut off adds nothing to batch norm's gradients", () => {
  const [moments, gamma, beta] = [tensor([2, 1], [0, 3]), tensor([1], [2]), tensor([1], [1])];
  const [dy, x] = [tensor([4, 1], [1, 10, 100, 1000]), tensor([4, 1], [2, -2, 8, 4])];
  const sums = (activation: "linear" | "relu6") =>
    runOp(batchNormSums, { epsilon: 1, activation }, dy, x, moments, gamma, beta).data;
  // Normalised values 1, -1, 4 and 2, results 3, -1, 9 and 5.
  assert.deepEqual(sums("linear"), Float32Array.of(1 - 10 + 400 + 2000, 1111));
  assert.deepEqual(sums("relu6"), Float32Array.of(1 + 2000, 1001));
});

test("at their corners activations are flat", () => {
  const slopes = (activation: "relu" | "relu6" | "hard_sigmoid" | "hard_swish", ...x: number[]) => [
    ...runOp(
      activationGrad,
      { activation },
      tensor([x.length], new Float32Array(x.length).fill(6)),
      tensor([x.length], x),
    ).data,
  ];
  assert.deepEqual(slopes("relu", -1, 0, 1), [0, 0, 6]);
  assert.deepEqual(slopes("relu6", 0, 1, 6, 7), [0, 6, 0, 0]);
  assert.deepEqual(slopes("hard_sigmoid", -3, 0, 3), [0, 1, 0]);
  assert.deepEqual(slopes("hard_swish", -4, -3, 0, 3, 4), [0, 0, 3, 6, 6]);
});

test("pixels that no window reaches have no gradient", () => {
  const window = { kernelSize: [2, 2], strides: [2, 2], padding: "valid" } as const;
  const kernel = counting([2, 2, 1, 1]);
  const dy = tensor([1, 1, 1, 1], [10]);
  const expected = tensor([1, 3, 3, 1], [10, 20, 0, 30, 40, 0, 0, 0, 0]);
  for (const op of [conv2dInputGrad, depthwiseConv2dInputGrad]) {
    assert.deepEqual(runOp(op, { ...window, height: 3, width: 3 }, dy, kernel), expected);
  }
});

test("a batch's pictures add up in a kernel's gradient", () => {
  const window = { kernelSize: [1, 1], strides: [1, 1], padding: "valid" } as const;
  const [x, dy] = [tensor([2, 1, 1, 2], [1, 2, 3, 4]), tensor([2, 1, 1, 2], [10, 100, 1000, 10000])];
  assert.deepEqual(runOp(conv2dKernelGrad, window, x, dy).data, Float32Array.of(3010, 30100, 4020, 40200));
  const each = runOp(depthwiseConv2dKernelGrad, { ...window, depthMultiplier: 1 }, x, dy);
  assert.deepEqual(each, tensor([1, 1, 2, 1], [3010, 40200]));
  const flat = (t: typeof x) => tensor([2, 2], t.data);
  assert.deepEqual(runOp(denseKernelGrad, {}, flat(x), flat(dy)).data, Float32Array.of(3010, 30100, 4020, 40200));
  assert.deepEqual(runOp(denseInputGrad, {}, flat(x), counting([3, 2])).data, Float32Array.of(5, 11, 17, 11, 25, 39));
});

test("sums, shares and pieces", () => {
  const x = counting([2, 1, 2, 2]);
  assert.deepEqual(runOp(channelSums, {}, x), tensor([2], [16, 20]));
  assert.deepEqual(runOp(multiplyGateGrad, {}, x, x), tensor([2, 1, 1, 2], [10, 20, 74, 100]));
  const wide = tensor([2, 1, 2, 2], [0.5, 1, 0.5, 1, 1.5, 2, 1.5, 2]);
  for (const shape of [
    [2, 2],
    [2, 1, 1, 2],
  ]) {
    assert.deepEqual(runOp(broadcast, { height: 1, width: 2, scale: 0.5 }, counting(shape)), wide);
  }
  assert.deepEqual(runOp(pick, { index: 1 }, counting([3, 2])), tensor([2], [3, 4]));
  const padding = { top: 1, bottom: 0, left: 0, right: 1 };
  assert.deepEqual(runOp(cropping2d, { padding }, counting([2, 2, 2, 1])), tensor([2, 1, 1, 1], [3, 7]));
});

test("each maximum of a channel gets its gradient, and nothing else does", () => {
  const x = tensor([1, 1, 3, 2], [1, 5, 4, 5, 2, -1]);
  const output = runOp(globalMaxPooling2dGrad, {}, x, tensor([1, 2], [4, 5]), tensor([1, 2], [10, 20]));
  assert.deepEqual(output.data, Float32Array.of(0, 20, 10, 20, 0, 0));
});

const window = { kernelSize: [3, 3], strides: [2, 2], padding: "same" } as const;
const norm = { epsilon: 1e-3, activation: "linear" } as const;
const noPixels = { top: 1, bottom: 1, left: 0, right: 0 };

/** Ops with attributes and input shapes; the last shape does not fit the others. */
const misfits: readonly (readonly [op: Op<never>, attrs: object, ...inputs: Shape[]])[] = [
  [batchMoments, {}, [4]],
  [batchNormalize, norm, [2, 4], [2, 4], [4], [3]],
  [batchNormSums, norm, [2, 3], [2, 4], [2, 4], [4], [4]],
  [conv2dInputGrad, { ...window, height: 5, width: 5 }, [1, 2, 3, 8], [3, 3, 4, 8]],
  [conv2dInputGrad, { ...window, height: 5, width: 5 }, [1, 3, 3, 8], [5, 5, 4, 8]],
  [conv2dKernelGrad, window, [2, 5, 5, 4], [1, 3, 3, 8]],
  [depthwiseConv2dInputGrad, { ...window, height: 5, width: 5 }, [1, 3, 3, 8], [3, 3, 4, 1]],
  [depthwiseConv2dKernelGrad, { ...window, depthMultiplier: 2 }, [1, 5, 5, 4], [1, 3, 3, 4]],
  [denseInputGrad, {}, [2, 5], [5, 4]],
  [denseKernelGrad, {}, [2, 5], [3, 4]],
  [activationGrad, { activation: "relu" }, [2, 5], [5, 2]],
  [broadcast, { height: 2, width: 2, scale: 1 }, [1, 2, 1, 4]],
  [multiplyGateGrad, {}, [1, 2, 2, 4], [1, 2, 2, 5]],
  [globalMaxPooling2dGrad, {}, [1, 2, 2, 4], [1, 4], [1, 1, 1, 4]],
  [cropping2d, { padding: noPixels }, [1, 2, 2, 4]],
  [pick, { index: 2 }, [2, 4]],
];

test("inputs that do not fit each other are refused", () => {
  for (const [op, attrs, ...inputs] of misfits) {
    assert.throws(() => op.shape(inputs, attrs as never), GraphError, op.name);
  }
});
