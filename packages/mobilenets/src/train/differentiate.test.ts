import assert from "node:assert/strict";
import { test } from "node:test";
import { checkGradients } from "../../../../test/support/gradient-check.ts";
import { batchNorm, conv, depthwise, graphOf, units } from "../../../../test/support/graph-of.ts";
import { opsOf } from "../../../../test/support/pass.ts";
import { GraphError } from "../errors.ts";
import { activationNames } from "../graph/activations.ts";
import { checkGraph } from "../graph/check.ts";
import type { Graph } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { add } from "../graph/ops/add.ts";
import { batchMoments } from "../graph/ops/batch_moments.ts";
import { batchNormalization } from "../graph/ops/batch_normalization.ts";
import { batchNormalize } from "../graph/ops/batch_normalize.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { dense } from "../graph/ops/dense.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { dropout } from "../graph/ops/dropout.ts";
import { globalAveragePooling2d } from "../graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../graph/ops/global_max_pooling2d.ts";
import { multiply } from "../graph/ops/multiply.ts";
import { rescaling } from "../graph/ops/rescaling.ts";
import { reshape } from "../graph/ops/reshape.ts";
import { zeroPadding2d } from "../graph/ops/zero_padding2d.ts";
import { trainingOps } from "../graph/training-ops.ts";
import { symmetric } from "../graph/window.ts";
import { differentiate } from "./differentiate.ts";

const asymmetric = { top: 0, bottom: 1, left: 2, right: 1 };

const geometries = [
  { kernelSize: [1, 1], strides: [1, 1], padding: "valid" },
  { kernelSize: [3, 3], strides: [1, 1], padding: "same" },
  { kernelSize: [3, 3], strides: [2, 2], padding: "same" },
  { kernelSize: [3, 2], strides: [2, 1], padding: "valid" },
  { kernelSize: [2, 3], strides: [1, 2], padding: asymmetric },
  { kernelSize: [5, 5], strides: [2, 2], padding: symmetric(2) },
] as const;

for (const geometry of geometries) {
  for (const useBias of [false, true]) {
    const title = `${JSON.stringify(geometry)}${useBias ? " with a bias" : ""}`;
    test(`gradients of conv2d ${title}`, () => {
      const attrs = conv(3, { ...geometry, useBias });
      const graph = graphOf([6, 5, 2], (b) => b.add(conv2d, "conv", [b.input], attrs), 2);
      checkGradients(graph, ["input", ...Object.keys(graph.params)]);
    });
    test(`gradients of depthwise_conv2d ${title}`, () => {
      const attrs = depthwise({ ...geometry, useBias, depthMultiplier: useBias ? 1 : 2 });
      const graph = graphOf([6, 5, 3], (b) => b.add(depthwiseConv2d, "conv", [b.input], attrs), 2);
      checkGradients(graph, ["input", ...Object.keys(graph.params)]);
    });
  }
}

test("gradients of a dense layer", () => {
  for (const useBias of [false, true]) {
    const graph = graphOf(
      [1, 1, 5],
      (b) => b.add(dense, "dense", [b.add(reshape, "flat", [b.input], { target: [-1] })], units(4, { useBias })),
      3,
    );
    checkGradients(graph, ["input", ...Object.keys(graph.params)]);
  }
});

for (const name of activationNames.filter((n) => n !== "softmax")) {
  test(`gradient of ${name}, on all of its pieces`, () => {
    const graph = graphOf([3, 4, 5], (b) => {
      const x = b.add(rescaling, "wide", [b.input], { scale: 4, offset: 1 });
      return b.add(activation, "y", [x], { activation: name });
    });
    checkGradients(graph, ["input"]);
  });
  test(`gradients of batch norm in training with ${name} after it`, () => {
    const graph = graphOf(
      [3, 4, 2],
      (b) => {
        const x = b.add(rescaling, "x", [b.input], { scale: 2, offset: 3 });
        const moments = b.add(batchMoments, "moments", [x], {});
        return b.add(batchNormalize, "norm", [x, moments], { epsilon: 0.1, activation: name });
      },
      3,
    );
    checkGradients(graph, ["input", "norm/gamma", "norm/beta"]);
  });
}

test("gradient of a batch norm that keeps its statistics", () => {
  checkGradients(
    graphOf([3, 4, 2], (b) => b.add(batchNormalization, "norm", [b.input], batchNorm), 2),
    ["input"],
  );
});

test("gradients of pooling", () => {
  for (const pool of [globalAveragePooling2d, globalMaxPooling2d]) {
    for (const keepdims of [false, true]) {
      checkGradients(
        graphOf([3, 4, 5], (b) => b.add(pool, "pool", [b.input], { keepdims }), 2),
        ["input"],
      );
    }
  }
});

test("gradients where a value is read more than once, by sums and products", () => {
  checkGradients(
    graphOf([3, 4, 2], (b) => b.add(add, "y", [b.input, b.input], {})),
    ["input"],
  );
  checkGradients(
    graphOf([3, 4, 2], (b) => b.add(multiply, "y", [b.input, b.input], {})),
    ["input"],
  );
  const gated = graphOf(
    [3, 4, 2],
    (b) => {
      const pooled = b.add(globalAveragePooling2d, "pool", [b.input], { keepdims: true });
      const gate = b.add(conv2d, "conv", [pooled], conv(2, { useBias: true }));
      const y = b.add(multiply, "gated", [b.input, gate], {});
      return b.add(add, "y", [b.add(rescaling, "r", [b.input], { scale: 3, offset: 1 }), y], {});
    },
    2,
  );
  checkGradients(gated, ["input", "conv/kernel", "conv/bias"]);
});

test("gradients of layers that only move numbers", () => {
  const graph = graphOf(
    [3, 4, 2],
    (b) => {
      const x = b.add(zeroPadding2d, "pad", [b.input], { padding: asymmetric });
      return b.add(reshape, "y", [x], { target: [7, 4, 2] });
    },
    2,
  );
  checkGradients(graph, ["input"]);
});

/** conv1, relu, conv2, and a parameter for the seed. */
function chain(): Graph {
  const graph = graphOf([3, 3, 2], (b) => {
    const x = b.add(conv2d, "conv1", [b.input], conv(3, { useBias: true }));
    return b.add(conv2d, "conv2", [b.add(activation, "relu", [x], { activation: "relu" })], conv(4));
  });
  return { ...graph, params: { ...graph.params, seed: { shape: [1, 3, 3, 4], trainable: false, init: "zeros" } } };
}

test("the backward pass has what the parameters wanted need, and no more", () => {
  const graph = chain();
  const before = structuredClone(graph);
  const last = differentiate(graph, "conv2", "seed", ["conv2/kernel"]);
  assert.equal(opsOf(last.graph), "conv2d activation conv2d conv2d_kernel_grad");
  const bias = differentiate(graph, "conv2", "seed", ["conv1/bias"]);
  assert.equal(opsOf(bias.graph), "conv2d activation conv2d conv2d_input_grad activation_grad channel_sums");
  assert.deepEqual(bias.gradients, { "conv1/bias": "grad/conv1/channel_sums" });
  checkGraph(last.graph, trainingOps);
  checkGraph(bias.graph, trainingOps);
  assert.deepEqual(graph, before);
});

test("what has no gradient is named", () => {
  const graph = chain();
  const refused = (message: RegExp) => (error: unknown) => error instanceof GraphError && message.test(error.message);
  assert.throws(() => differentiate(graph, "conv1", "seed", ["conv2/kernel"]), refused(/^conv2\/kernel: no gradient/));
  const of = (name: string, attrs: object, op = "activation") => ({
    ...graph,
    nodes: [...graph.nodes.slice(0, 1), { name, op, inputs: ["conv1"], attrs, shape: [1, 3, 3, 3] }],
  });
  const softmax = of("top", { activation: "softmax" });
  assert.throws(() => differentiate(softmax, "top", "seed", ["conv1/bias"]), refused(/^top: no gradient/));
  const dropped = of("drop", { rate: 0.1 }, dropout.name);
  assert.throws(() => differentiate(dropped, "drop", "seed", ["conv1/bias"]), refused(/^drop: dropout, which has no/));
  const fused = graphOf([3, 3, 2], (b) => b.add(conv2d, "conv", [b.input], conv(3, { activation: "relu6" })));
  assert.throws(() => differentiate(fused, "conv", "input", ["conv/kernel"]), refused(/^conv: relu6 inside/));
});
