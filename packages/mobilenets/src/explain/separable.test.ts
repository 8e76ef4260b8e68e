import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphBuilder } from "../graph/builder.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { summarise } from "../graph/summary.ts";
import { articleExample, compareConvolutions } from "./separable.ts";

test("the article's example: 4 x 3 x 3 x 3 = 108 weights become 3 x 3 x 3 + 1 x 1 x 3 x 4 = 39", () => {
  const { standard, depthwise, pointwise, separable, share, output } = compareConvolutions(articleExample);
  assert.deepEqual(output, [5, 5, 4]);
  assert.deepEqual(standard, { kernels: 4, kernelShape: [3, 3, 3], weights: 108, macs: 2700, values: 75 + 100 });
  assert.deepEqual(depthwise, { kernels: 3, kernelShape: [3, 3, 1], weights: 27, macs: 675, values: 75 + 75 });
  assert.deepEqual(pointwise, { kernels: 4, kernelShape: [1, 1, 3], weights: 12, macs: 300, values: 75 + 100 });
  assert.deepEqual(separable, { weights: 39, macs: 975, values: 325 });
  assert.equal((100 * share).toFixed(1), "36.1");
});

test("the share is 1/M + 1/k^2, and layers of these sizes count the same", () => {
  const sizes = { height: 9, width: 14, channels: 6, filters: 10, kernel: 5, stride: 2 };
  const { standard, separable, share, output } = compareConvolutions(sizes);
  assert.ok(Math.abs(share - (1 / 10 + 1 / 25)) < 1e-12);
  const b = new GraphBuilder("pair", [9, 14, 6]);
  const plain = { padding: "same", useBias: false, activation: "linear" } as const;
  const window = { ...plain, kernelSize: [5, 5], strides: [2, 2] } as const;
  b.add(conv2d, "standard", [b.input], { ...window, filters: 10 });
  const x = b.add(depthwiseConv2d, "dw", [b.input], { ...window, depthMultiplier: 1 });
  b.add(conv2d, "pw", [x], { ...plain, kernelSize: [1, 1], strides: [1, 1], filters: 10 });
  const { layers } = summarise(b.build("pw"));
  assert.deepEqual([standard.weights, standard.macs], [layers[0].params, layers[0].macs]);
  assert.equal(separable.weights, layers[1].params + layers[2].params);
  assert.equal(separable.macs, layers[1].macs + layers[2].macs);
  assert.deepEqual([1, ...output], layers[2].outputShape);
});

test("sizes that are none are refused by name", () => {
  for (const wrong of [0, 1.5, Number.NaN]) {
    assert.throws(() => compareConvolutions({ ...articleExample, filters: wrong }), {
      name: "OptionError",
      message: `convolution: filters ${wrong}, expected an integer >= 1`,
    });
  }
});
