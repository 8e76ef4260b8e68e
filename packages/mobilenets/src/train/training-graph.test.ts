import assert from "node:assert/strict";
import { test } from "node:test";
import { deepFreeze } from "../../../../test/support/freeze.ts";
import { batchNorm, conv, depthwise, graphOf, units } from "../../../../test/support/graph-of.ts";
import { opsOf } from "../../../../test/support/pass.ts";
import { randomInput, randomProgram } from "../../../../test/support/random-program.ts";
import { evaluateGraph, reference } from "../engines/reference.ts";
import { OptionError } from "../errors.ts";
import { activate } from "../graph/activations.ts";
import { checkGraph } from "../graph/check.ts";
import type { Graph, Program } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { batchNormalization } from "../graph/ops/batch_normalization.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { dense } from "../graph/ops/dense.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { dropout } from "../graph/ops/dropout.ts";
import { globalAveragePooling2d } from "../graph/ops/global_average_pooling2d.ts";
import { logSoftmax } from "../graph/ops/log_softmax.ts";
import { zeroPadding2d } from "../graph/ops/zero_padding2d.ts";
import { trainingOps } from "../graph/training-ops.ts";
import { symmetric } from "../graph/window.ts";
import { buildGraph } from "../models/networks.ts";
import type { ModelOptions } from "../models/options.ts";
import { tensor } from "../tensor.ts";
import { type TrainingGraph, trainingGraph } from "./training-graph.ts";

/** A stem, a depthwise block and a classifier. */
function small(): Program {
  const graph = graphOf([8, 8, 3], (b) => {
    let x = b.add(zeroPadding2d, "pad", [b.input], { padding: symmetric(1) });
    x = b.add(conv2d, "stem", [x], conv(4, { kernelSize: [3, 3], strides: [2, 2] }));
    x = b.add(batchNormalization, "stem_bn", [x], { ...batchNorm, unbiased: true });
    x = b.add(activation, "stem_relu", [x], { activation: "relu6" });
    x = b.add(dropout, "early", [x], { rate: 0.5 });
    x = b.add(depthwiseConv2d, "dw", [x], depthwise());
    x = b.add(batchNormalization, "dw_bn", [x], batchNorm);
    x = b.add(globalAveragePooling2d, "pool", [x], { keepdims: false });
    x = b.add(dropout, "drop", [x], { rate: 0.25 });
    x = b.add(dropout, "none", [x], { rate: 0 });
    return b.add(dense, "top", [x], units(5, { activation: "softmax" }));
  });
  return deepFreeze(randomProgram(graph, 1));
}

const forwardOps = (t: TrainingGraph) => opsOf({ ...t.graph, nodes: t.graph.nodes.slice(0, t.forward) });

test("a loss is computed of what comes before a softmax, or its logarithm", () => {
  for (const op of [activation, logSoftmax]) {
    const graph = graphOf([4, 4, 3], (b) => {
      const pooled = b.add(globalAveragePooling2d, "pool", [b.input], { keepdims: false });
      const logits = b.add(dense, "top", [pooled], units(5));
      return op === activation
        ? b.add(activation, "end", [logits], { activation: "softmax" })
        : b.add(logSoftmax, "end", [logits], {});
    });
    assert.equal(
      forwardOps(trainingGraph(randomProgram(graph, 1), { batchSize: 3 })),
      "global_average_pooling2d dense",
    );
  }
});

test("layers that learn take their training form", () => {
  const t = trainingGraph(small(), { batchSize: 3 });
  checkGraph(t.graph, trainingOps);
  assert.equal(
    forwardOps(t),
    "conv2d batch_moments batch_normalize multiply depthwise_conv2d batch_moments batch_normalize " +
      "global_average_pooling2d multiply dense",
  );
  const inside = t.graph.nodes.filter(({ op }) => op === "batch_normalize").map(({ attrs }) => attrs);
  assert.deepEqual(inside, [
    { epsilon: 1e-3, activation: "relu6" },
    { epsilon: 1e-3, activation: "linear" },
  ]);
  assert.deepEqual(t.graph.input.shape, [3, 8, 8, 3]);
  assert.equal(t.logits, "top/linear");
  assert.deepEqual(t.logitsGradient.shape, [3, 5]);
  assert.deepEqual(t.masks, [
    { name: "early/mask", shape: [3, 4, 4, 4], rate: 0.5 },
    { name: "drop/mask", shape: [3, 4], rate: 0.25 },
  ]);
  const norm = { momentum: 0.99, count: 3 * 4 * 4 };
  const moving = (layer: string) => ({
    layer,
    moments: `${layer}/moments`,
    movingMean: `${layer}/moving_mean`,
    movingVariance: `${layer}/moving_variance`,
  });
  assert.deepEqual(t.norms, [
    { ...moving("stem_bn"), ...norm, unbiased: true },
    { ...moving("dw_bn"), ...norm, unbiased: false },
  ]);
  const trained = ["stem/kernel", "stem_bn/gamma", "stem_bn/beta", "dw/depthwise_kernel", "dw_bn/gamma", "dw_bn/beta"];
  assert.deepEqual(Object.keys(t.gradients), [...trained, "top/kernel", "top/bias"]);
  assert.deepEqual(Object.keys(t.weights).sort(), Object.keys(t.gradients).sort());
  const fed = [t.logitsGradient.name, ...t.masks.map(({ name }) => name)];
  assert.deepEqual(Object.keys(t.graph.params).sort(), [...Object.keys(t.weights), ...fed].sort());
  const moments = t.norms.map((n) => n.moments);
  assert.deepEqual(t.graph.outputs, [t.logits, ...moments, ...Object.values(t.gradients)]);
});

test("frozen layers run as in inference, and no gradient flows into them", () => {
  const t = trainingGraph(small(), { batchSize: 3, freezeUntil: "early" });
  checkGraph(t.graph, trainingOps);
  // Batch norm, activation and dropout are folded into the stem.
  assert.equal(
    forwardOps(t),
    "conv2d depthwise_conv2d batch_moments batch_normalize global_average_pooling2d multiply dense",
  );
  assert.deepEqual(
    t.masks.map(({ name }) => name),
    ["drop/mask"],
  );
  assert.deepEqual(
    t.norms.map(({ layer }) => layer),
    ["dw_bn"],
  );
  assert.deepEqual(Object.keys(t.gradients), [
    "dw/depthwise_kernel",
    "dw_bn/gamma",
    "dw_bn/beta",
    "top/kernel",
    "top/bias",
  ]);
  assert.ok(!t.graph.nodes.some(({ op }) => op === "depthwise_conv2d_input_grad"));
  assert.deepEqual(Object.keys(t.weights).sort(), [...Object.keys(t.gradients), "stem/bias", "stem/kernel"].sort());
});

test("a norm behind the last frozen layer learns, and the frozen one keeps its weights", () => {
  const program = small();
  const t = trainingGraph(program, { batchSize: 3, freezeUntil: "stem" });
  assert.deepEqual(
    t.norms.map(({ layer }) => layer),
    ["stem_bn", "dw_bn"],
  );
  assert.deepEqual(Object.keys(t.gradients).slice(0, 2), ["stem_bn/gamma", "stem_bn/beta"]);
  assert.deepEqual(t.weights["stem/kernel"], program.weights["stem/kernel"]);
});

test("frozen norms keep statistics, gamma and beta, and pass gradients on", () => {
  const t = trainingGraph(small(), { batchSize: 3, freezeNorms: true });
  checkGraph(t.graph, trainingOps);
  assert.deepEqual(t.norms, []);
  assert.deepEqual(Object.keys(t.gradients), ["stem/kernel", "dw/depthwise_kernel", "top/kernel", "top/bias"]);
  assert.equal(t.graph.nodes.filter(({ op }) => op === "batch_normalization_input_grad").length, 2);
  assert.ok("stem_bn/moving_variance" in t.weights);
});

/** Probabilities from a training graph with frozen statistics and masks that drop nothing. */
function probabilities(program: Program, freezeUntil: string | undefined, batch: number) {
  const t = trainingGraph(program, { batchSize: batch, freezeUntil, freezeNorms: true });
  const forward: Graph = { ...t.graph, nodes: t.graph.nodes.slice(0, t.forward), outputs: [t.logits] };
  const masks = t.masks.map(({ name, shape }) => {
    const { data } = tensor(shape);
    return [name, tensor(shape, data.fill(1))];
  });
  const input = { [t.graph.input.name]: randomInput(t.graph, batch, 2) };
  const [{ data, shape }] = evaluateGraph(
    forward,
    { ...t.weights, ...Object.fromEntries(masks), ...input },
    Float32Array,
    { ops: trainingOps },
  );
  activate("softmax", data, shape[shape.length - 1]);
  return data;
}

const networks: readonly (readonly [Parameters<typeof buildGraph>[0], ModelOptions, string])[] = [
  ["mobilenet_v1", {}, "conv_pad_6"],
  ["mobilenet_v1", { flavor: "article", depthMultiplier: 2 }, "conv_dw_4_relu"],
  ["mobilenet_v2", {}, "block_8_expand_BN"],
  ["mobilenet_v2", { flavor: "torchvision" }, "block_14_add"],
  ["mobilenet_v3_small", { includePreprocessing: true }, "expanded_conv_4_squeeze_excite_conv"],
  ["mobilenet_v3_small", { flavor: "article" }, "activation_9"],
  ["mobilenet_v3_large", { minimalistic: true }, "expanded_conv_6_depthwise_pad"],
];

for (const [name, options, freezeUntil] of networks) {
  test(`the logits of ${name} ${JSON.stringify(options)} are those of inference`, async () => {
    const graph = buildGraph(name, { alpha: 0.25, inputShape: [40, 36, 3], classes: 5, ...options });
    const program = deepFreeze(randomProgram(graph, 1));
    const [{ data: expected }] = await (await reference.compile(program)).run(randomInput(graph, 2, 2));
    for (const until of [undefined, freezeUntil]) {
      probabilities(program, until, 2).forEach((p, i) => {
        assert.ok(Math.abs(p - expected[i]) < 1e-5, `${until}: ${p}, expected ${expected[i]}`);
      });
    }
  });
}

test("a network that ends in features, or in logits, is trained as it is", () => {
  const graph = buildGraph("mobilenet_v1", { alpha: 0.25, inputShape: [32, 32, 3], includeTop: false, pooling: "max" });
  const t = trainingGraph(randomProgram(graph, 1), { batchSize: 2 });
  assert.deepEqual([t.logits, t.logitsGradient.shape], [graph.outputs[0], [2, 256]]);
  const linear = buildGraph("mobilenet_v2", { alpha: 0.35, inputShape: [32, 32, 3], classifierActivation: "linear" });
  assert.equal(trainingGraph(randomProgram(linear, 1), { batchSize: 2 }).logits, "predictions");
});

test("says what cannot be trained", () => {
  const refused = (message: RegExp) => (error: unknown) => error instanceof OptionError && message.test(error.message);
  const program = small();
  const with_ = (options: object) => () => trainingGraph(program, { batchSize: 3, ...options });
  assert.throws(with_({ freezeUntil: "stem_BN" }), refused(/^freezeUntil: no layer "stem_BN".*did you mean stem_bn/));
  assert.throws(with_({ freezeUntil: "block_3" }), refused(/^freezeUntil: no layer "block_3"/));
  assert.throws(with_({ freezeUntil: "top" }), refused(/^freezeUntil: nothing left to train after "top"/));
  const map = buildGraph("mobilenet_v1", { alpha: 0.25, inputShape: [64, 64, 3], includeTop: false, pooling: null });
  assert.throws(
    () => trainingGraph(randomProgram(map, 1), { batchSize: 2 }),
    refused(/^mobilenet_v1: results of shape \[2,2,2,256\], expected one of shape \[n,classes\]/),
  );
  const tiny = buildGraph("mobilenet_v2", { alpha: 0.35, inputShape: [32, 32, 3] });
  assert.throws(
    () => trainingGraph(randomProgram(tiny, 1), { batchSize: 1 }),
    refused(/^block_13_depthwise_BN: a batch norm of one number per channel/),
  );
});
