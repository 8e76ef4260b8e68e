import assert from "node:assert/strict";
import { test } from "node:test";
import { randomInput, randomProgram } from "../../../../test/support/random-program.ts";
import { reference } from "../engines/reference.ts";
import { wasm } from "../engines/wasm.ts";
import type { Program } from "../graph/graph.ts";
import { batchNormalization } from "../graph/ops/batch_normalization.ts";
import { subgraph } from "../graph/subgraph.ts";
import { buildGraph } from "../models/networks.ts";
import { recalibrate } from "./recalibrate.ts";

const program: Program = randomProgram(
  buildGraph("mobilenet_v1", { alpha: 0.25, inputShape: [32, 32, 3], classes: 5 }),
  1,
);
const batchOf = (seed: number, n: number) => ({
  images: randomInput(program.graph, n, seed).data,
  targets: new Float32Array(5 * n),
  indices: Array.from({ length: n }, (_, i) => i),
});

/** Mean and variance of one channel of a layer's result over several batches. */
async function measured(weights: Program["weights"], layer: string, channel: number) {
  const graph = subgraph(program.graph, [layer]);
  const executable = await reference.compile({ graph, weights });
  const values: number[] = [];
  for (const seed of [2, 3]) {
    const [{ data, shape }] = await executable.run(randomInput(program.graph, 4, seed));
    for (let i = channel; i < data.length; i += shape[3]) values.push(data[i]);
  }
  const mean = values.reduce((a, b) => a + b) / values.length;
  return { mean, variance: values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length };
}

for (const engine of [reference, wasm({ threads: 2 })]) {
  test(`${engine.name}: the first norm's statistics are those of its input over all batches`, async () => {
    const weights = await recalibrate(program, engine, [batchOf(2, 4), batchOf(3, 4), batchOf(9, 3)], { batchSize: 4 });
    const { mean, variance } = await measured(program.weights, "conv1", 5);
    assert.ok(Math.abs(weights["conv1_bn/moving_mean"].data[5] - mean) < 1e-5);
    assert.ok(Math.abs(weights["conv1_bn/moving_variance"].data[5] / variance - 1) < 1e-5);
    const norms = program.graph.nodes.filter(({ op }) => op === batchNormalization.name);
    for (const { name } of norms)
      assert.notDeepEqual(weights[`${name}/moving_mean`], program.weights[`${name}/moving_mean`]);
    assert.equal(weights["conv1/kernel"], program.weights["conv1/kernel"]);
  });
}

test("there must be a whole batch", async () => {
  await assert.rejects(recalibrate(program, reference, [batchOf(2, 3)], { batchSize: 4 }), /no whole batch/);
});
