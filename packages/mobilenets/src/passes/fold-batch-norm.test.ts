import assert from "node:assert/strict";
import { test } from "node:test";
import { batchNorm, conv, depthwise, graphOf, units } from "../../../../test/support/graph-of.ts";
import { opsOf, transformed, untransformed } from "../../../../test/support/pass.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { add } from "../graph/ops/add.ts";
import { batchNormalization } from "../graph/ops/batch_normalization.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { dense } from "../graph/ops/dense.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { globalAveragePooling2d } from "../graph/ops/global_average_pooling2d.ts";
import { realsOf, type Tensor, tensor } from "../tensor.ts";
import { foldBatchNorm, foldBatchNormIntoScales } from "./fold-batch-norm.ts";
import { fuseResidual } from "./fuse-residual.ts";

const normOf = (b: GraphBuilder, x: string, name = "norm") => b.add(batchNormalization, name, [x], batchNorm);

test("scale and shift go into kernel and bias", () => {
  const graph = graphOf([1, 1, 1], (b) => {
    const x = b.add(conv2d, "conv", [b.input], conv(2, { useBias: true }));
    return b.add(batchNormalization, "norm", [x], { epsilon: 0.25, momentum: 0.9 });
  });
  const weights: Record<string, Tensor> = {
    "conv/kernel": tensor([1, 1, 1, 2], [5, 7]),
    "conv/bias": tensor([2], [10, 20]),
    "norm/gamma": tensor([2], [2, 6]),
    "norm/beta": tensor([2], [100, 200]),
    "norm/moving_mean": tensor([2], [4, 8]),
    // Square roots with epsilon: 1 and 2.
    "norm/moving_variance": tensor([2], [0.75, 3.75]),
  };
  const result = foldBatchNorm({ graph, weights });
  const folded = Object.entries(result.weights).map(([name, { shape, data }]) => [name, shape, [...data]]);
  assert.deepEqual(folded.sort(), [
    ["conv/bias", [2], [(10 - 4) * 2 + 100, (20 - 8) * 3 + 200]],
    ["conv/kernel", [1, 1, 1, 2], [5 * 2, 7 * 3]],
  ]);
  assert.deepEqual(result.graph.outputs, ["conv"]);
});

test("all layers with a kernel take batch norms in, with a bias or without", async () => {
  for (const useBias of [false, true]) {
    const graph = graphOf([5, 4, 3], (b) => {
      let x = normOf(b, b.add(conv2d, "conv", [b.input], conv(4, { kernelSize: [3, 2], useBias })), "n1");
      x = normOf(b, b.add(depthwiseConv2d, "dw", [x], depthwise({ depthMultiplier: 2, useBias })), "n2");
      x = b.add(globalAveragePooling2d, "pool", [x], { keepdims: false });
      return normOf(b, b.add(dense, "dense", [x], units(3, { useBias })), "n3");
    });
    const result = await transformed(foldBatchNorm, graph);
    assert.equal(opsOf(result.graph), "conv2d depthwise_conv2d global_average_pooling2d dense");
    assert.deepEqual(Object.keys(result.graph.params).sort(), [
      "conv/bias",
      "conv/kernel",
      "dense/bias",
      "dense/kernel",
      "dw/bias",
      "dw/depthwise_kernel",
    ]);
  }
});

test("a batch norm that has the name of the bias to be is folded", async () => {
  const graph = graphOf([5, 4, 3], (b) => normOf(b, b.add(conv2d, "conv", [b.input], conv(4)), "conv/bias"));
  const result = await transformed(foldBatchNorm, graph);
  assert.equal(opsOf(result.graph), "conv2d");
  assert.deepEqual(Object.keys(result.graph.params).sort(), ["conv/bias_1", "conv/kernel"]);
});

test("of two batch norms in a row the first goes", async () => {
  const graph = graphOf([2, 2, 3], (b) => normOf(b, normOf(b, b.add(conv2d, "conv", [b.input], conv(4))), "again"));
  const result = await transformed(foldBatchNorm, graph);
  assert.deepEqual(
    result.graph.nodes.map(({ name }) => name),
    ["conv", "again"],
  );
});

test("folding into scales keeps the kernel's numbers, and a second batch norm multiplies the scales", () => {
  const graph = graphOf([1, 1, 1], (b) => normOf(b, normOf(b, b.add(conv2d, "conv", [b.input], conv(2))), "again"));
  const vectors = (name: string, gamma: readonly number[]) => ({
    [`${name}/gamma`]: tensor([2], gamma),
    [`${name}/beta`]: tensor([2], [0, 1]),
    [`${name}/moving_mean`]: tensor([2], [0, 0]),
    [`${name}/moving_variance`]: tensor([2], [1 - batchNorm.epsilon, 1 - batchNorm.epsilon]),
  });
  const kernel = tensor([1, 1, 1, 2], [5, 7]);
  const weights = { "conv/kernel": kernel, ...vectors("norm", [2, 3]), ...vectors("again", [10, 100]) };
  const once = foldBatchNormIntoScales({ graph, weights });
  const twice = foldBatchNormIntoScales(once);
  const scalesOf = (program: typeof once) => [...(program.weights["conv/kernel"].scales ?? [])].map(Math.fround);
  assert.deepEqual(
    [scalesOf(once), scalesOf(twice)],
    [
      [2, 3],
      [20, 300],
    ],
  );
  assert.equal(twice.weights["conv/kernel"].data, kernel.data);
  assert.deepEqual(twice.weights["conv/bias"], tensor([2], [0, 101]));
  const folded = foldBatchNorm(foldBatchNorm({ graph, weights })).weights;
  assert.deepEqual(folded["conv/kernel"], tensor([1, 1, 1, 2], [100, 2100]));
  assert.deepEqual(realsOf(twice.weights["conv/kernel"]), folded["conv/kernel"].data);
});

test("a convolution whose own result others see keeps its weights", async () => {
  const convolved = (b: GraphBuilder) => b.add(conv2d, "conv", [b.input], conv(4));
  const asOutput = graphOf([2, 2, 3], (b) => [convolved(b), normOf(b, "conv")]);
  const twoReaders = graphOf([2, 2, 3], (b) => b.add(add, "sum", [convolved(b), normOf(b, "conv")], {}));
  for (const graph of [asOutput, twoReaders]) await untransformed(foldBatchNorm, graph);
});

test("nothing may come between the convolution and the batch norm", async () => {
  const activated = graphOf([2, 2, 3], (b) =>
    normOf(b, b.add(conv2d, "conv", [b.input], conv(4, { activation: "relu" }))),
  );
  const summed = graphOf([2, 2, 4], (b) => {
    const sum = b.add(add, "sum", [b.add(conv2d, "conv", [b.input], conv(4)), b.input], {});
    return normOf(b, sum);
  });
  const first = graphOf([2, 2, 3], (b) => b.add(conv2d, "conv", [normOf(b, b.input)], conv(4)));
  const { graph: residual } = fuseResidual({ graph: summed, weights: {} });
  for (const graph of [activated, summed, residual, first]) await untransformed(foldBatchNorm, graph);
});
