import assert from "node:assert/strict";
import { test } from "node:test";
import { countByHand, paperBlocks } from "../../../../test/support/paper-tables.ts";
import { activationFunction } from "../graph/activations.ts";
import type { Graph } from "../graph/graph.ts";
import { summarise } from "../graph/summary.ts";
import { initialise } from "../models/initialise.ts";
import { buildGraph, flavorsOf, type NetworkName, networkNames } from "../models/networks.ts";
import { optimise } from "../passes/optimise.ts";
import { costsOf, explain } from "./explain.ts";
import { formulas, type Nonlinear } from "./nonlinearities.ts";

/** Parameters, multiply-adds and bytes touched at 224x224 pixels and 1,000 classes. */
const totals: Record<NetworkName, readonly [params: number, macs: number, memory: number]> = {
  mobilenet_v1: [4_253_864, 568_740_352, 57_971_264],
  mobilenet_v2: [3_538_984, 300_774_272, 69_062_720],
  mobilenet_v3_small: [2_554_968, 56_510_400, 25_820_160],
  mobilenet_v3_large: [5_507_432, 216_589_760, 66_787_648],
  efficientnet_lite0: [4_694_024, 385_187_552, 74_134_464],
};

/** Factors by which the network without depthwise-separable pairs would have more kernel weights and multiply-adds. */
const factors: Record<NetworkName, readonly [weights: string, macs: string]> = {
  mobilenet_v1: ["6.96", "8.56"],
  mobilenet_v2: ["3.20", "4.07"],
  mobilenet_v3_small: ["2.64", "7.26"],
  mobilenet_v3_large: ["3.15", "6.15"],
  efficientnet_lite0: ["7.05", "7.85"],
};

for (const network of networkNames) {
  test(`${network}: what it costs, and what it would cost without depthwise-separable pairs`, () => {
    const explained = explain(buildGraph(network));
    const { params, macs, memory } = explained.totals;
    assert.deepEqual([params, macs, memory.total], totals[network]);
    const { separable, standard } = explained.savings.network;
    assert.deepEqual({ separable, standard }, countByHand(network));
    assert.equal(separable.macs, macs);
    const times = [standard.weights / separable.weights, standard.macs / separable.macs];
    assert.deepEqual(
      times.map((factor) => factor.toFixed(2)),
      factors[network],
    );
  });
}

test("narrower networks: parameters as published, and all else that of the layers", () => {
  const published = [
    ["mobilenet_v1", 0.25, 475_544],
    ["mobilenet_v1", 0.5, 1_342_536],
    ["mobilenet_v2", 0.35, 1_691_208],
    ["mobilenet_v2", 1.4, 6_156_712],
    ["mobilenet_v3_small", 0.75, 2_051_552],
    ["mobilenet_v3_large", 0.75, 4_012_616],
  ] as const;
  for (const [network, alpha, params] of published) {
    const graph = buildGraph(network, { alpha });
    const costs = costsOf(graph);
    const summary = summarise(graph).totals;
    assert.deepEqual([costs.params, costs.trainable, costs.macs], [params, summary.trainable, summary.macs]);
    assert.equal(costs.memory.weights, 4 * params);
  }
});

test("of a smaller picture the maps are smaller, the weights not", () => {
  const [small, large] = [112, 224].map(
    (side) => costsOf(buildGraph("mobilenet_v2", { inputShape: [side, side, 3] })).memory,
  );
  assert.equal(small.weights, large.weights);
  assert.ok(Math.abs(large.read / small.read - 4) < 0.1 && Math.abs(large.written / small.written - 4) < 0.1);
});

const usesOf = (graph: Graph) => explain(graph).nonlinearities;

test("V1 and V2 compute ReLU6 of every map but the bottlenecks'", () => {
  const [v1, ...others] = usesOf(buildGraph("mobilenet_v1"));
  assert.deepEqual(others, []);
  // The stem, then two maps per pair, from the paper's table.
  let side = 112;
  let values = side ** 2 * 32;
  for (const { expanded, output, stride } of paperBlocks.mobilenet_v1) {
    side /= stride;
    values += side ** 2 * (expanded + output);
  }
  assert.deepEqual([v1.activation, v1.places.length, v1.values], ["relu6", 27, values]);
  const [v2] = usesOf(buildGraph("mobilenet_v2"));
  assert.deepEqual([v2.activation, v2.places.length], ["relu6", 1 + 1 + 2 * 16 + 1]);
  assert.deepEqual(v2.places[0], { layer: "Conv1_relu", place: "stem", values: 112 * 112 * 32 });
  assert.deepEqual(v2.places.at(-1), { layer: "out_relu", place: "head", values: 7 * 7 * 1280 });
});

test("V3-small: hard-swish stands in the stem, late blocks and head; gates are computed of few numbers", () => {
  const uses = new Map(usesOf(buildGraph("mobilenet_v3_small")).map((use) => [use.activation, use]));
  assert.deepEqual([...uses.keys()], ["relu", "hard_sigmoid", "hard_swish"]);
  const late = [3, 4, 5, 6, 7, 8, 9, 10].flatMap((n) => Array(2).fill(`expanded_conv_${n}`));
  assert.deepEqual(
    uses.get("hard_swish")!.places.map(({ place }) => place),
    ["stem", ...late, "head", "head"],
  );
  assert.equal(uses.get("hard_swish")!.operations.length, 5);
  const channels = paperBlocks.mobilenet_v3_small.filter(({ squeezed }) => squeezed > 0).map((block) => block.expanded);
  assert.deepEqual(
    uses.get("hard_sigmoid")!.places.map(({ values }) => values),
    channels,
  );
});

test("activations that are part of a convolution count as those that are layers", () => {
  for (const flavor of flavorsOf("mobilenet_v3_small")) {
    const graph = buildGraph("mobilenet_v3_small", { flavor, alpha: 0.5, inputShape: [64, 64, 3] });
    const optimised = optimise({ graph, weights: initialise(graph) }).graph;
    const counts = (g: Graph) => usesOf(g).map(({ activation, values, places }) => [activation, values, places.length]);
    assert.deepEqual(counts(optimised), counts(graph), flavor);
  }
});

test("the formulas say what the engines compute, operation by operation", () => {
  const scope = { min: Math.min, max: Math.max, exp: Math.exp, relu6: activationFunction("relu6") };
  for (const [name, { text, operations }] of Object.entries(formulas)) {
    const written = new Function(...Object.keys(scope), "x", `return ${text};`);
    for (const x of [-8, -3, -1.5, 0, 0.5, 2.9, 3, 7]) {
      const expected = activationFunction(name as Nonlinear)(x);
      assert.ok(Math.abs(written(...Object.values(scope), x) - expected) < 1e-12, `${name}(${x})`);
    }
    const spelt = text.replace("relu6(x + 3)", "min(max(x + 3, 0), 6)").replace("/ 6", "* 6");
    const symbols = { add: /\+/g, divide: /\//g, exp: /exp/g, max: /max/g, min: /min/g, multiply: /\*/g, negate: /-/g };
    const counted = Object.entries(symbols).flatMap(([op, symbol]) => Array(spelt.match(symbol)?.length ?? 0).fill(op));
    assert.deepEqual([...operations].sort(), counted.sort(), name);
  }
});
