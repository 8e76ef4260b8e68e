import assert from "node:assert/strict";
import { test } from "node:test";
import { embeddingGraph } from "./embedding.ts";
import { checkGraph } from "./graph/check.ts";
import { buildGraph, type NetworkName } from "./models/networks.ts";
import type { ModelOptions } from "./models/options.ts";

/** The pooled layer, the pooling and the shape of the features, in the graph cut for embedding. */
function cut(network: NetworkName, options: ModelOptions) {
  const graph = checkGraph(embeddingGraph(buildGraph(network, options)));
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const last = nodes.get(graph.outputs[0]);
  assert.ok(last);
  const pool = last.op === "reshape" ? nodes.get(last.inputs[0]) : last;
  assert.ok(pool);
  return { pooled: pool.inputs[0], by: pool.op, shape: last.shape };
}

const average = "global_average_pooling2d";

test("cuts a classifier off behind its global pooling", () => {
  assert.deepEqual(cut("mobilenet_v1", {}), { pooled: "conv_pw_13_relu", by: average, shape: [1, 1024] });
  assert.deepEqual(cut("mobilenet_v2", {}), { pooled: "out_relu", by: average, shape: [1, 1280] });
  // Not V3's hidden layer of 1,024 or 1,280 after the pooling.
  assert.deepEqual(cut("mobilenet_v3_small", {}).shape, [1, 576]);
  assert.deepEqual(cut("mobilenet_v3_large", {}).shape, [1, 960]);
  assert.deepEqual(cut("mobilenet_v1", { flavor: "article" }).shape, [1, 1024]);
  assert.deepEqual(cut("mobilenet_v3_small", { flavor: "article" }).shape, [1, 576]);
});

test("leaves out the layers and weights of the classifier", () => {
  const graph = embeddingGraph(buildGraph("mobilenet_v2"));
  assert.ok(!graph.nodes.some(({ name }) => name === "predictions"));
  assert.ok(!("predictions/kernel" in graph.params));
});

test("keeps the pooling a network without classifier was asked for", () => {
  const options = { includeTop: false, pooling: "max" } as const;
  assert.deepEqual(cut("mobilenet_v2", options), { pooled: "out_relu", by: "global_max_pooling2d", shape: [1, 1280] });
});

test("pools the last map of a network that does not: not a squeeze-and-excite's, deep inside V3", () => {
  const options = { includeTop: false };
  assert.deepEqual(cut("mobilenet_v1", options), { pooled: "conv_pw_13_relu", by: average, shape: [1, 1024] });
  for (const [network, flavor, features] of [
    ["mobilenet_v3_small", "keras", 576],
    ["mobilenet_v3_large", "keras", 960],
    ["mobilenet_v3_small", "torchvision", 576],
    ["mobilenet_v3_small", "article", 576],
  ] as const) {
    const graph = buildGraph(network, { ...options, flavor });
    const expected = { pooled: graph.outputs[0], by: average, shape: [1, features] };
    assert.deepEqual(cut(network, { ...options, flavor }), expected, `${network}, ${flavor}`);
  }
});
