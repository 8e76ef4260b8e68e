import assert from "node:assert/strict";
import { test } from "node:test";
import { buildGraph, networkNames } from "../models/networks.ts";
import { GraphBuilder } from "./builder.ts";
import { activation } from "./ops/activation.ts";
import { batchNormalization } from "./ops/batch_normalization.ts";
import { conv2d } from "./ops/conv2d.ts";
import { depthwiseConv2d } from "./ops/depthwise_conv2d.ts";
import { globalAveragePooling2d } from "./ops/global_average_pooling2d.ts";
import { savings } from "./savings.ts";

const plain = { strides: [1, 1], padding: "same", useBias: false, activation: "linear" } as const;
const depthwise = { ...plain, kernelSize: [3, 3], depthMultiplier: 1 } as const;
const pointwise = (filters: number) => ({ ...plain, kernelSize: [1, 1] as const, filters });

test("the article's example: 5x5 pixels, 3 channels to 4, costs 39 weights instead of 108", () => {
  const b = new GraphBuilder("example", [5, 5, 3]);
  const x = b.add(depthwiseConv2d, "dw", [b.input], depthwise);
  const { pairs, network } = savings(b.build(b.add(conv2d, "pw", [x], pointwise(4))));
  const separable = { weights: 39, macs: 39 * 25 };
  const standard = { weights: 108, macs: 108 * 25 };
  assert.deepEqual(pairs, [{ depthwise: "dw", pointwise: "pw", separable, standard }]);
  assert.deepEqual(network, { separable, standard });
});

test("finds pairs through batch norm and activation, and nothing else that looks like one", () => {
  const b = new GraphBuilder("example", [4, 4, 2]);
  let x = b.add(conv2d, "not after a depthwise", [b.input], pointwise(3));
  x = b.add(depthwiseConv2d, "dw", [x], { ...depthwise, strides: [2, 2] });
  x = b.add(batchNormalization, "bn", [x], { epsilon: 1e-3, momentum: 0.99 });
  x = b.add(activation, "relu", [x], { activation: "relu" });
  x = b.add(conv2d, "pw", [x], pointwise(5));
  x = b.add(depthwiseConv2d, "dw2", [x], depthwise);
  x = b.add(conv2d, "3x3", [x], { ...plain, kernelSize: [3, 3], filters: 2 });
  x = b.add(depthwiseConv2d, "dw3", [x], depthwise);
  x = b.add(globalAveragePooling2d, "pool", [x], { keepdims: true });
  x = b.add(conv2d, "classifier", [x], pointwise(7));
  const { pairs, network } = savings(b.build(x));
  // 2x2 outputs; 9 * 3 + 3 * 5 = 42 weights against 9 * 3 * 5 = 135.
  assert.deepEqual(pairs, [
    {
      depthwise: "dw",
      pointwise: "pw",
      separable: { weights: 42, macs: 168 },
      standard: { weights: 135, macs: 540 },
    },
  ]);
  const others = 2 * 3 + 9 * 5 + 9 * 5 * 2 + 9 * 2 + 2 * 7;
  assert.equal(network.separable.weights, others + 42);
  assert.equal(network.standard.weights, others + 135);
});

test("a whole network costs 8 to 9 times less, as the paper says (Howard et al. 2017, table 4)", () => {
  const { pairs, network } = savings(buildGraph("mobilenet_v1"));
  assert.equal(pairs.length, 13);
  // The paper's convolutional MobileNet: 4,866 million multiply-adds and 29.3 million parameters.
  assert.ok(Math.abs(network.standard.macs / 4866e6 - 1) < 0.001, String(network.standard.macs));
  assert.ok(Math.abs(network.standard.weights / 29.3e6 - 1) < 0.005, String(network.standard.weights));
  assert.ok(Math.abs(network.separable.macs / 569e6 - 1) < 0.001, String(network.separable.macs));
});

test("small pictures, whose last maps are one pixel, have the same pairs", () => {
  for (const network of networkNames) {
    const names = (size: number) =>
      savings(buildGraph(network, { inputShape: [size, size, 3] })).pairs.map(({ pointwise }) => pointwise);
    assert.deepEqual(names(32), names(224), network);
  }
});
