import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphBuilder } from "../graph/builder.ts";
import { layers as layersOf } from "../models/layers.ts";
import { buildGraph } from "../models/networks.ts";
import { layerCosts, sumOf } from "./costs.ts";

test("layers read and write their maps; what is done on the way touches nothing", () => {
  const b = new GraphBuilder("small", [4, 6, 3]);
  const l = layersOf(b);
  const conv = l.batchNorm(l.conv(b.input, 5, { name: "conv", kernel: 3 }), { epsilon: 1e-3, momentum: 0.99 }, "bn");
  const relu = l.activation(conv, "relu", "relu");
  const pad = l.zeroPadding(relu, { top: 1, bottom: 1, left: 1, right: 1 }, "pad");
  const dw = l.depthwise(pad, { name: "dw", padding: "valid" });
  const sum = l.add(relu, l.conv(dw, 5, { name: "pw" }), "sum");
  const pool = l.averagePool(sum, true, "pool");
  const gated = l.multiply(sum, pool, "gated");
  const costs = layerCosts(b.build(gated));
  const memory = (name: string) => {
    const { weights, read, written } = costs.get(name)!.memory;
    return [weights / 4, read / 4, written / 4];
  };
  const [input, map] = [4 * 6 * 3, 4 * 6 * 5];
  assert.deepEqual(memory("conv"), [3 * 3 * 3 * 5, input, map]);
  assert.deepEqual(memory("bn"), [4 * 5, 0, 0]);
  assert.deepEqual(memory("relu"), [0, 0, 0]);
  assert.deepEqual(memory("pad"), [0, 0, 0]);
  // The zeros around the map do not count.
  assert.deepEqual(memory("dw"), [3 * 3 * 5, map, map]);
  assert.deepEqual(memory("pw"), [5 * 5, map, map]);
  // The sum is written instead of one of its terms.
  assert.deepEqual(memory("sum"), [0, map, 0]);
  assert.deepEqual(memory("pool"), [0, map, 5]);
  assert.deepEqual(memory("gated"), [0, map + 5, map]);
  const whole = sumOf(costs.values()).memory;
  assert.equal(whole.total, whole.weights + whole.read + whole.written);
});

test("V1: memory touched, by hand from the paper's table", () => {
  // The side of each pair's result, its input and output channels.
  const pairs = [
    [112, 32, 64],
    [56, 64, 128],
    [56, 128, 128],
    [28, 128, 256],
    [28, 256, 256],
    [14, 256, 512],
    ...Array(5).fill([14, 512, 512]),
    [7, 512, 1024],
    [7, 1024, 1024],
  ];
  let side = 112;
  let [read, written] = [224 * 224 * 3, 112 * 112 * 32];
  for (const [size, input, output] of pairs) {
    read += side * side * input + size * size * input;
    written += size * size * input + size * size * output;
    side = size;
  }
  read += 7 * 7 * 1024 + 1024;
  written += 1024 + 1000;
  const { memory, params } = sumOf(layerCosts(buildGraph("mobilenet_v1")).values());
  assert.deepEqual(memory, {
    weights: 4 * params,
    read: 4 * read,
    written: 4 * written,
    total: 4 * (params + read + written),
  });
});
