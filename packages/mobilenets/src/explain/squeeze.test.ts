import assert from "node:assert/strict";
import { test } from "node:test";
import { buildGraph, type NetworkName } from "../models/networks.ts";
import type { ModelOptions } from "../models/options.ts";
import { findBlocks } from "./blocks.ts";
import { explain } from "./explain.ts";

/** Channels of V3-small's gated blocks, and a quarter of them rounded to a multiple of 8. */
const keras = [
  [16, 8],
  [96, 24],
  [240, 64],
  [240, 64],
  [120, 32],
  [144, 40],
  [288, 72],
  [576, 144],
  [576, 144],
];

const squeezes = (network: NetworkName, options: ModelOptions = {}) =>
  findBlocks(buildGraph(network, options)).flatMap(({ squeeze }) => (squeeze ? [squeeze] : []));

/** Two layers with biases: C to S and S to C. */
const paramsOf = (list: number[][]) => list.reduce((sum, [c, s]) => sum + 2 * c * s + s + c, 0);
const macsOf = (list: number[][]) => list.reduce((sum, [c, s]) => sum + 2 * c * s, 0);

test("V3-small: each gate's channels and costs, and all together", () => {
  const found = squeezes("mobilenet_v3_small");
  assert.deepEqual(
    found.map(({ channels, squeezed }) => [channels, squeezed]),
    keras,
  );
  for (const { channels, squeezed, costs, activation, gate } of found) {
    assert.equal(costs.params, paramsOf([[channels, squeezed]]));
    assert.equal(costs.macs, macsOf([[channels, squeezed]]));
    assert.deepEqual([activation, gate], ["relu", "hard_sigmoid"]);
  }
  const { squeezeAndExcite, totals } = explain(buildGraph("mobilenet_v3_small"));
  assert.deepEqual([squeezeAndExcite.params, squeezeAndExcite.macs], [paramsOf(keras), macsOf(keras)]);
  assert.deepEqual([squeezeAndExcite.params, squeezeAndExcite.macs], [461_640, 458_752]);
  // 18 % of the parameters, and almost none of the multiply-adds.
  assert.equal((squeezeAndExcite.params / totals.params).toFixed(3), "0.181");
  assert.equal((squeezeAndExcite.macs / totals.macs).toFixed(3), "0.008");
});

test("a gate reads its map twice and writes it once", () => {
  const [, , squeeze] = squeezes("mobilenet_v3_small");
  assert.equal(squeeze.values, 14 * 14 * 240);
  const { read, written, weights } = squeeze.costs.memory;
  // Small layers: 240 averages, 64 numbers, 240 factors.
  assert.equal(read / 4, 2 * squeeze.values + 240 + 64 + 240);
  assert.equal(written / 4, squeeze.values + 240 + 64 + 240);
  assert.equal(weights / 4, squeeze.costs.params);
});

test("the article's gates: an exact quarter, dense layers, ReLU6 and hard-swish", () => {
  const article = keras.map(([c]) => [c, Math.floor(c / 4)]);
  const found = squeezes("mobilenet_v3_small", { flavor: "article" });
  assert.deepEqual(
    found.map(({ channels, squeezed }) => [channels, squeezed]),
    article,
  );
  assert.deepEqual([found[0].activation, found[0].gate], ["relu6", "hard_swish"]);
  const { squeezeAndExcite } = explain(buildGraph("mobilenet_v3_small", { flavor: "article" }));
  assert.deepEqual([squeezeAndExcite.params, squeezeAndExcite.macs], [paramsOf(article), macsOf(article)]);
});

test("at alpha 0.75 and 1.5 every gate follows its block's width", () => {
  for (const alpha of [0.75, 1.5]) {
    const options = { alpha, inputShape: [160, 160, 3] } as const;
    for (const block of findBlocks(buildGraph("mobilenet_v3_small", options))) {
      if (!block.squeeze) continue;
      const { channels, squeezed, costs } = block.squeeze;
      assert.equal(channels, block.channels.expanded);
      assert.equal(squeezed % 8, 0);
      assert.ok(Math.abs(squeezed / channels - 0.25) <= 0.25, `${squeezed} of ${channels}`);
      assert.equal(costs.params, paramsOf([[channels, squeezed]]));
    }
  }
});

test("V3-large gates eight blocks; V1, V2 and minimalistic networks none", () => {
  assert.equal(squeezes("mobilenet_v3_large").length, 8);
  for (const network of ["mobilenet_v1", "mobilenet_v2", "efficientnet_lite0"] as const) {
    assert.deepEqual(squeezes(network), []);
  }
  assert.deepEqual(squeezes("mobilenet_v3_small", { minimalistic: true }), []);
  const { squeezeAndExcite } = explain(buildGraph("mobilenet_v1"));
  assert.deepEqual([squeezeAndExcite.params, squeezeAndExcite.memory.total], [0, 0]);
});
