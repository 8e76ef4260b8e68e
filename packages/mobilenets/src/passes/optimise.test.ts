import assert from "node:assert/strict";
import { test } from "node:test";
import { countsOf, transformed } from "../../../../test/support/pass.ts";
import { buildGraph, type NetworkName } from "../models/networks.ts";
import type { Flavor } from "../models/options.ts";
import { optimise, optimiseForExport } from "./optimise.ts";

/**
 * The remaining layers of each network, counted by hand from the papers' tables: no batch norm, dropout, addition or
 * padding, and no activation except the classifier's softmax.
 */
const remaining: readonly [NetworkName, readonly Flavor[], Record<string, number>][] = [
  [
    "mobilenet_v1",
    ["keras"],
    // Stem, 13 blocks, classifier.
    { conv2d: 1 + 13 + 1, depthwise_conv2d: 13, global_average_pooling2d: 1, reshape: 1, activation: 1 },
  ],
  [
    "mobilenet_v1",
    ["article"],
    { conv2d: 1 + 13 + 1, depthwise_conv2d: 13, global_average_pooling2d: 1, reshape: 2, activation: 1 },
  ],
  [
    "mobilenet_v2",
    ["keras", "torchvision", "article"],
    // Stem, 16 of 17 blocks that expand, 17 projections, last convolution.
    {
      conv2d: 1 + 16 + 17 + 1,
      depthwise_conv2d: 17,
      global_average_pooling2d: 1,
      dense: 1,
      activation: 1,
    },
  ],
  [
    "mobilenet_v3_small",
    ["torchvision"],
    // Stem, 10 of 11 blocks that expand, 11 projections, three at the end; two for each of 9 squeezes.
    {
      conv2d: 1 + 10 + 11 + 3 + 2 * 9,
      depthwise_conv2d: 11,
      global_average_pooling2d: 9 + 1,
      multiply: 9,
      reshape: 1,
      activation: 1,
    },
  ],
  [
    "mobilenet_v3_small",
    ["article"],
    // All 11 blocks expand; squeezes are dense and reshape their gate.
    {
      conv2d: 1 + 11 + 11 + 3,
      dense: 2 * 9,
      depthwise_conv2d: 11,
      global_average_pooling2d: 9 + 1,
      multiply: 9,
      reshape: 9 + 2,
      activation: 1,
    },
  ],
  [
    "mobilenet_v3_large",
    ["keras"],
    // Stem, 14 of 15 blocks that expand, 15 projections, three at the end; two for each of 8 squeezes.
    {
      rescaling: 1,
      conv2d: 1 + 14 + 15 + 3 + 2 * 8,
      depthwise_conv2d: 15,
      global_average_pooling2d: 8 + 1,
      multiply: 8,
      reshape: 1,
      activation: 1,
    },
  ],
];

for (const [network, flavors, expected] of remaining) {
  for (const flavor of flavors) {
    test(`${network} of ${flavor} optimised`, async () => {
      const graph = buildGraph(network, { flavor, inputShape: [32, 32, 3], alpha: 0.25, classes: 7 });
      // Folded weights are rounded again, which adds up over some fifty layers.
      const result = await transformed(optimise, graph, 2e-5);
      assert.deepEqual(countsOf(result.graph), expected);
    });
  }
}

test("optimising twice changes nothing more", async () => {
  const graph = buildGraph("mobilenet_v3_small", { inputShape: [32, 32, 3], alpha: 0.25, classes: 7 });
  const once = await transformed(optimise, graph, 2e-5);
  assert.deepEqual(optimise(once).graph, once.graph);
});

test("for export, V2's ten residuals stay layers of their own", async () => {
  const graph = buildGraph("mobilenet_v2", { inputShape: [32, 32, 3], alpha: 0.35, classes: 7 });
  const exported = await transformed(optimiseForExport, graph, 2e-5);
  const { conv2d, ...rest } = countsOf(optimise(exported).graph);
  assert.deepEqual(countsOf(exported.graph), { conv2d, ...rest, add: 10 });
});
