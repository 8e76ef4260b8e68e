import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphBuilder } from "./builder.ts";
import { batchNormalization } from "./ops/batch_normalization.ts";
import { conv2d } from "./ops/conv2d.ts";
import { dense } from "./ops/dense.ts";
import { globalAveragePooling2d } from "./ops/global_average_pooling2d.ts";
import { printGraph } from "./print.ts";
import { summarise } from "./summary.ts";

function small() {
  const b = new GraphBuilder("small", [4, 6, 3]);
  const conv = { kernelSize: [3, 3], strides: [2, 2], padding: "same", useBias: true, activation: "linear" } as const;
  let x = b.add(conv2d, "conv", [b.input], { ...conv, filters: 5 });
  x = b.add(batchNormalization, "bn", [x], { epsilon: 1e-3, momentum: 0.99 });
  x = b.add(globalAveragePooling2d, "pool", [x], { keepdims: false });
  return b.build(b.add(dense, "logits", [x], { units: 7, useBias: true, activation: "softmax" }));
}

test("sums up layers: class, shape, parameters, multiply-adds", () => {
  assert.deepEqual(summarise(small()), {
    // Batch norm's mean and variance are not trainable.
    totals: { params: 140 + 20 + 42, trainable: 140 + 10 + 42, macs: 6 * 135 + 35 },
    layers: [
      { name: "conv", type: "Conv2D", outputShape: [1, 2, 3, 5], params: 3 * 3 * 3 * 5 + 5, macs: 6 * 135 },
      { name: "bn", type: "BatchNormalization", outputShape: [1, 2, 3, 5], params: 20, macs: 0 },
      { name: "pool", type: "GlobalAveragePooling2D", outputShape: [1, 5], params: 0, macs: 0 },
      { name: "logits", type: "Dense", outputShape: [1, 7], params: 42, macs: 35 },
    ],
  });
});

test("prints a line a layer", () => {
  assert.deepEqual(printGraph(small()).split("\n"), [
    "small(input [1,4,6,3])",
    'conv [1,2,3,5] = conv2d(input, conv/kernel, conv/bias) {"kernelSize":[3,3],"strides":[2,2],"padding":"same","useBias":true,"activation":"linear","filters":5}',
    'bn [1,2,3,5] = batch_normalization(conv, bn/gamma, bn/beta, bn/moving_mean, bn/moving_variance) {"epsilon":0.001,"momentum":0.99}',
    'pool [1,5] = global_average_pooling2d(bn) {"keepdims":false}',
    'logits [1,7] = dense(pool, logits/kernel, logits/bias) {"units":7,"useBias":true,"activation":"softmax"}',
    "-> logits",
  ]);
});
