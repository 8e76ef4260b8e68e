import assert from "node:assert/strict";
import { test } from "node:test";
import { initialise } from "./initialise.ts";
import { buildGraph } from "./networks.ts";

const graph = buildGraph("mobilenet_v1", { alpha: 0.25, inputShape: [32, 32, 3] });

test("kernels are Glorot-uniform: within, and close to, the root of 6 / (fan-in + fan-out)", () => {
  const weights = initialise(graph);
  // [kernel, fan-in + fan-out]: for a depthwise kernel [3, 3, c, 1] Keras counts 9 c in and 9 out.
  const cases: [string, number][] = [
    ["conv1/kernel", 9 * (3 + 8)],
    ["conv_dw_13/depthwise_kernel", 9 * (256 + 1)],
    ["conv_pw_13/kernel", 256 + 256],
  ];
  for (const [name, fans] of cases) {
    const limit = Math.sqrt(6 / fans);
    const { data } = weights[name];
    const largest = data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    assert.ok(largest <= limit && largest > 0.95 * limit, `${name}: ${largest} of ${limit}`);
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    assert.ok(Math.abs(mean) < 0.15 * limit, `${name}: mean ${mean}`);
  }
});

test("everything else starts as the identity", () => {
  const weights = initialise(graph);
  const all = (name: string, value: number) =>
    assert.ok(
      weights[name].data.every((v) => v === value),
      name,
    );
  all("conv_preds/bias", 0);
  all("conv1_bn/gamma", 1);
  all("conv1_bn/beta", 0);
  all("conv1_bn/moving_mean", 0);
  all("conv1_bn/moving_variance", 1);
  assert.deepEqual(Object.keys(weights), Object.keys(graph.params));
});

test("a seed gives the same numbers each time, another seed others", () => {
  const kernel = (seed?: number) => initialise(graph, seed)["conv_pw_5/kernel"].data;
  assert.deepEqual(kernel(7), kernel(7));
  assert.deepEqual(kernel(), kernel(0));
  assert.notDeepEqual(kernel(7), kernel(8));
});
