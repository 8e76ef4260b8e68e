import assert from "node:assert/strict";
import { test } from "node:test";
import { reference } from "../engines/reference.ts";
import { checkGraph } from "../graph/check.ts";
import type { Program } from "../graph/graph.ts";
import { initialise } from "../models/initialise.ts";
import { buildGraph, type NetworkName, optionsOf } from "../models/networks.ts";
import type { ModelOptions } from "../models/options.ts";
import { preprocessingOf } from "../models/preprocessing.ts";
import { random } from "../random.ts";
import { type Tensor, tensor } from "../tensor.ts";
import type { WritableModel } from "../weights/safetensors/model-file.ts";
import { splitAtClassifier, withClassifier } from "./classifier.ts";
import { layerRates } from "./layer-rates.ts";

const small = { alpha: 0.25, inputShape: [32, 32, 3], classes: 7 } as const;
const labels = ["a", "b", "c"];

function modelOf(network: NetworkName, options: ModelOptions): WritableModel {
  const graph = buildGraph(network, options);
  const preprocessing = preprocessingOf(optionsOf(network, options));
  return { program: { graph, weights: initialise(graph, 1) }, preprocessing, labels: [], network, options };
}

async function run(program: Program, input: Tensor): Promise<Tensor> {
  const executable = await reference.compile(program);
  const [output] = await executable.run(input);
  return output;
}

const picture = (() => {
  const next = random(3);
  return tensor(
    [2, 32, 32, 3],
    Array.from({ length: 2 * 32 * 32 * 3 }, () => 2 * next() - 1),
  );
})();

const cases: [NetworkName, ModelOptions, string][] = [
  ["mobilenet_v1", small, "conv_preds"],
  ["mobilenet_v2", small, "predictions"],
  ["mobilenet_v3_small", { ...small, includePreprocessing: false }, "logits"],
];

for (const [network, options, layer] of cases) {
  test(`${network}: only ${layer} is new`, () => {
    const old = modelOf(network, options);
    const changed = withClassifier(old, { labels, seed: 5 });
    checkGraph(changed.program.graph);
    assert.deepEqual(changed.labels, labels);
    for (const [name, { shape }] of Object.entries(changed.program.graph.params)) {
      const { data } = changed.program.weights[name];
      if (name.startsWith(`${layer}/`)) assert.equal(shape.at(-1), 3, name);
      else assert.equal(data, old.program.weights[name].data, name);
    }
    // Even if the number of classes stays, the classes are others.
    const same = withClassifier(old, { labels: ["1", "2", "3", "4", "5", "6", "7"], seed: 5 });
    assert.notDeepEqual(same.program.weights[`${layer}/kernel`], old.program.weights[`${layer}/kernel`]);
  });

  test(`${network}: backbone and head one after the other are the network, and joined again`, async () => {
    const { program } = modelOf(network, options);
    const { backbone, head, featureCount, join } = splitAtClassifier(program, "softmax", 0.5);
    checkGraph(head.graph);
    assert.deepEqual(
      head.graph.nodes.map(({ op }) => op),
      ["dropout", "dense"],
    );
    const features = await run(backbone, picture);
    const answer = await run(head, tensor([2, featureCount], features.data));
    const whole = await run(program, picture);
    assert.deepEqual(answer.shape, [2, 7]);
    answer.data.forEach((x, i) => {
      assert.ok(Math.abs(x - whole.data[i]) < 1e-6, `${i}: ${x}, ${whole.data[i]}`);
    });

    const trained = Object.fromEntries(
      Object.entries(head.weights).map(([name, { data, shape }]) => [
        name,
        { data: data.map((x) => 2 * x + 0.1), shape },
      ]),
    );
    const expected = await run({ graph: head.graph, weights: trained }, tensor([2, featureCount], features.data));
    const joined = await run(join(trained), picture);
    joined.data.forEach((x, i) => {
      assert.ok(Math.abs(x - expected.data[i]) < 1e-6, `${i}: ${x}, ${expected.data[i]}`);
    });
  });
}

test("a network without a classifier, and one that a file defines, get one on their features", () => {
  const headless = modelOf("mobilenet_v3_small", { ...small, includeTop: false, pooling: "avg" });
  const withTop = withClassifier(headless, { labels, dropout: 0.3 });
  checkGraph(withTop.program.graph);
  assert.deepEqual(Object.keys(withTop.program.weights), Object.keys(withTop.program.graph.params));
  assert.equal(withTop.options?.dropout, 0.3);

  const { program, preprocessing } = modelOf("mobilenet_v2", small);
  const foreign = withClassifier(
    { program, preprocessing, labels: [] },
    { labels, dropout: 0.3, activation: "sigmoid" },
  );
  const { graph, weights } = foreign.program;
  checkGraph(graph);
  assert.deepEqual(
    graph.nodes.slice(-3).map(({ name, op, shape }) => [name, op, shape]),
    [
      ["global_average_pooling2d", "global_average_pooling2d", [1, 1280]],
      ["dropout", "dropout", [1, 1280]],
      ["predictions", "dense", [1, 3]],
    ],
  );
  assert.equal(weights["block_1_expand/kernel"].data, program.weights["block_1_expand/kernel"].data);
});

test("without a classifier there is nothing to split", () => {
  const { program } = modelOf("mobilenet_v2", { ...small, includeTop: false, pooling: "avg" });
  assert.throws(() => splitAtClassifier(program, "softmax"), /mobilenet_v2: Conv_1_bn, .* expected a classifier/);
});

test("layers' rates fall from the classifier down, a batch norm's with its convolution's", () => {
  const rates = layerRates(buildGraph("mobilenet_v1", small), 0.5);
  assert.equal(rates("conv_preds/bias"), 1);
  assert.equal(rates("conv_pw_13/kernel"), 0.5);
  assert.equal(rates("conv_pw_13_bn/gamma"), 0.5);
  assert.equal(rates("conv_dw_13_bn/beta"), 0.25);
  assert.equal(rates("conv1/kernel"), 0.5 ** 27);
  assert.throws(() => layerRates(buildGraph("mobilenet_v1", small), 0), /layer decay: 0, expected above 0/);
});
