import assert from "node:assert/strict";
import { test } from "node:test";
import { randomProgram } from "../../../test/support/random-program.ts";
import { activationMaps } from "./activation-map.ts";
import { reference } from "./engines/reference.ts";
import { OptionError } from "./errors.ts";
import type { Graph } from "./graph/graph.ts";
import { opOf } from "./graph/ops.ts";
import type { Picture } from "./image/picture.ts";
import { type Model, Model as ModelClass } from "./model.ts";
import { buildGraph, type NetworkName, optionsOf } from "./models/networks.ts";
import type { ModelOptions } from "./models/options.ts";
import { preprocessingOf } from "./models/preprocessing.ts";
import { random } from "./random.ts";
import { type FloatTensor, sizeOf } from "./tensor.ts";

const small = { inputShape: [64, 64, 3], alpha: 0.25, classes: 5 } as const;

function modelOf(
  network: NetworkName,
  options: ModelOptions = {},
  crop: "center" | "squash" | "pad" = "center",
): Model {
  const all = { ...small, ...options };
  const program = randomProgram(buildGraph(network, all), 3);
  const preprocessing = { ...preprocessingOf(optionsOf(network, all)), crop };
  return new ModelClass(
    { program, preprocessing, labels: ["a", "b", "c", "d", "e"], network, options: all },
    reference,
  );
}

const next = random(9);
const picture: Picture = {
  data: Uint8Array.from({ length: 100 * 80 * 3 }, () => Math.floor(256 * next())),
  width: 100,
  height: 80,
  channels: 3,
};

/** Replaces the value named `from` and returns the result of the layer before the last activation. */
function logitsFrom(model: Model, from: string, values: Float64Array): Float64Array {
  const { graph, weights } = model.program;
  const results = new Map<string, FloatTensor>();
  let logits: Float64Array = new Float64Array();
  for (const node of graph.nodes.slice(graph.nodes.findIndex(({ name }) => name === from))) {
    const output: FloatTensor = { data: new Float64Array(sizeOf(node.shape)), shape: node.shape };
    if (node.name === from) output.data.set(values);
    else {
      const isSoftmax = "activation" in node.attrs && node.attrs.activation === "softmax";
      const attrs = isSoftmax ? { ...node.attrs, activation: "linear" } : node.attrs;
      opOf(node).reference(
        node.inputs.map((input) => results.get(input) ?? weights[input]),
        attrs,
        output,
      );
    }
    results.set(node.name, output);
    logits = output.data as Float64Array;
  }
  return logits;
}

const poolOf = (graph: Graph) => graph.nodes.filter(({ op }) => op === "global_average_pooling2d").at(-1)!;

for (const [network, options] of [
  ["mobilenet_v1", {}],
  ["mobilenet_v2", { flavor: "torchvision" }],
  ["mobilenet_v3_small", {}],
  ["mobilenet_v3_small", { flavor: "article" }],
  ["efficientnet_lite0", {}],
] as const) {
  test(`${network} ${JSON.stringify(options)}: maps weigh channels by the slope of the logit`, async () => {
    const model = modelOf(network, options);
    const pool = poolOf(model.program.graph);
    const [layer] = pool.inputs;
    const { [layer]: map, [pool.name]: pooled } = await model.features(picture, [layer, pool.name]);
    const features = Float64Array.from(pooled.data);
    const maps = await activationMaps(model, picture, { classes: [0, 3] });
    assert.deepEqual(maps.map(({ index }) => index).sort(), [0, 3]);
    assert.ok(maps[0].probability >= maps[1].probability);
    for (const { index, data, height, width } of maps) {
      assert.deepEqual([1, height, width, features.length], map.shape);
      const step = 1e-6;
      const slopes = Array.from(features, (_, c) => {
        const moved = (by: number) => features.map((x, i) => (i === c ? x + by : x));
        const at = (by: number) => logitsFrom(model, pool.name, moved(by))[index];
        return (at(step) - at(-step)) / (2 * step);
      });
      data.forEach((value, pixel) => {
        const expected = slopes.reduce((sum, slope, c) => sum + slope * map.data[pixel * slopes.length + c], 0);
        assert.ok(Math.abs(value - expected) <= 1e-4 * Math.max(1, Math.abs(expected)), `${value} ${expected}`);
      });
    }
  });
}

test("with one dense layer the mean of the map is the logit less its bias", async () => {
  const model = modelOf("mobilenet_v2", { classifierActivation: null });
  const [map] = await activationMaps(model, picture);
  const bias = model.program.weights["predictions/bias"].data[map.index];
  const mean = map.data.reduce((sum, x) => sum + x, 0) / map.data.length;
  assert.ok(Math.abs(mean - (map.probability - bias)) < 1e-3, `${mean} ${map.probability} ${bias}`);
  const [best] = await model.classify(picture, { topK: 1 });
  assert.deepEqual([map.index, map.label], [best.index, best.label]);
});

test("the best classes get a map each, best first, as if each were named", async () => {
  const model = modelOf("mobilenet_v1");
  const maps = await activationMaps(model, picture, { topK: 3 });
  const best = await model.classify(picture, { topK: 3 });
  assert.deepEqual(
    maps.map(({ index, label, probability }) => ({ index, label, probability })),
    best,
  );
  assert.deepEqual(maps, await activationMaps(model, picture, { classes: best.map(({ index }) => index) }));
  await assert.rejects(activationMaps(model, picture, { topK: 0 }), OptionError);
});

test("the region is what the network sees of the picture", async () => {
  const region = async (crop: "center" | "squash" | "pad") =>
    (await activationMaps(modelOf("mobilenet_v1", {}, crop), picture))[0].region;
  assert.deepEqual(await region("squash"), { x: 0, y: 0, width: 100, height: 80 });
  assert.deepEqual(await region("center"), { x: 15, y: 5, width: 70, height: 70 });
  const { x, y, width, height } = await region("pad");
  // The picture fills 51 of 64 rows, from row 6 on: 80 pixels.
  assert.deepEqual([x, width], [0, 100]);
  assert.ok(Math.abs(y + (6 * 80) / 51) < 1e-9 && Math.abs(height - (64 * 80) / 51) < 1e-9, `${y} ${height}`);
});

test("networks without such a head, and classes they do not have, are refused", async () => {
  const refused = (call: Promise<unknown>, message: RegExp) =>
    assert.rejects(call, (error) => error instanceof OptionError && message.test(error.message));
  await refused(activationMaps(modelOf("mobilenet_v1", { includeTop: false }), picture), /no class-activation map/);
  await refused(
    activationMaps(modelOf("mobilenet_v1", { includeTop: false, pooling: "avg" }), picture),
    /no class-activation map/,
  );
  for (const classes of [[5], [-1], [0.5]]) {
    await refused(activationMaps(modelOf("mobilenet_v1"), picture, { classes }), /positions from 0 to 4/);
  }
});
