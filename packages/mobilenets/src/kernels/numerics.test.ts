// Tests kernels with single numbers: the exponential's accuracy, extremes, infinities and NaN.
import assert from "node:assert/strict";
import { test } from "node:test";
import { conv, depthwise, graphOf } from "../../../../test/support/graph-of.ts";
import { reference } from "../engines/reference.ts";
import { wasm } from "../engines/wasm.ts";
import { type Activation, activationNames } from "../graph/activations.ts";
import type { Graph } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { globalAveragePooling2d } from "../graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../graph/ops/global_max_pooling2d.ts";
import { logSoftmax } from "../graph/ops/log_softmax.ts";
import { unary } from "../graph/ops/unary.ts";
import { type Tensor, tensor } from "../tensor.ts";
import { supports } from "./modules.ts";
import type { Isa } from "./wat.ts";

const isas: readonly Isa[] = supports("relaxed") ? ["simd", "relaxed"] : ["simd"];

async function compute(isa: Isa | "reference", graph: Graph, input: Tensor, weights = {}): Promise<Float32Array> {
  const engine = isa === "reference" ? reference : wasm({ isa, threads: 1 });
  const executable = await engine.compile({ graph, weights });
  const [{ data }] = await executable.run(input);
  executable.dispose();
  return data;
}

/** Applies an activation to rows of `channels` numbers. */
function activated(isa: Isa | "reference", name: Activation, channels: number, rows: readonly number[][]) {
  const graph = graphOf([1, rows.length, channels], (b) => b.add(activation, "y", [b.input], { activation: name }));
  return compute(isa, graph, tensor([1, 1, rows.length, channels], rows.flat()));
}

/** Rows of numbers through the natural logarithm. */
function logarithms(isa: Isa, rows: readonly number[][]) {
  const channels = rows[0].length;
  const graph = graphOf([1, rows.length, channels], (b) => b.add(unary, "y", [b.input], { function: "log" }));
  return compute(isa, graph, tensor([1, 1, rows.length, channels], rows.flat()));
}

/** The distance from a number to the next in float32. */
const unitOf = (x: number) => 2 ** (Math.floor(Math.log2(Math.abs(x) || 1)) - 23);

/** `count` float32 numbers from `low` to `high`. */
const grid = (low: number, high: number, count: number) => [
  ...Float32Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1)),
];

/** e^x may be off by 2e-7, then a sum, a quotient and a product each round once more. */
const EXP_TOLERANCE = 3e-7;

function worstRelativeError(found: Float32Array, expected: readonly number[]): number {
  assert.equal(found.length, expected.length);
  return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(found[i] - value) / value), 0);
}

for (const isa of isas) {
  test(`${isa}: sigmoid is right to the last bits over the whole range of exp`, async () => {
    // Below -87, e^-x leaves float32's normal range.
    const xs = grid(-87, 40, 40_000);
    const found = await activated(isa, "sigmoid", 4, chunk(xs, 4));
    const error = worstRelativeError(
      found,
      xs.map((x) => 1 / (1 + Math.exp(-x))),
    );
    assert.ok(error < EXP_TOLERANCE, `${error}`);
  });

  test(`${isa}: softmax is right to the last bits over the whole range of exp`, async () => {
    const xs = grid(-87, 0, 20_000);
    const found = await activated(
      isa,
      "softmax",
      2,
      xs.map((x) => [x, 0]),
    );
    const error = worstRelativeError(
      found,
      xs.flatMap((x) => [Math.exp(x) / (1 + Math.exp(x)), 1 / (1 + Math.exp(x))]),
    );
    assert.ok(error < EXP_TOLERANCE, `${error}`);
  });

  test(`${isa}: sigmoid of extremes is 0 or 1`, async () => {
    const found = await activated(isa, "sigmoid", 4, [
      [-1e3, -1e30, -Infinity, -89],
      [1e3, 1e30, Infinity, 89],
    ]);
    for (const value of found.subarray(0, 4)) assert.ok(value >= 0 && value < 1e-37, `${value}`);
    assert.deepEqual([...found.subarray(4)], [1, 1, 1, 1]);
  });

  test(`${isa}: softmax of extreme logits neither overflows nor loses its sum`, async () => {
    const rows = [
      [1e4, -1e4, 0],
      [1e38, 1e38, -1e38],
      [-1e38, -1e38, -1e38],
      [500, 500, 500],
      [-500, -501, -502],
      [88.7, 88.6, -88],
    ];
    const expected = await activated("reference", "softmax", 3, rows);
    const found = await activated(isa, "softmax", 3, rows);
    found.forEach((value, i) => {
      assert.ok(Math.abs(value - expected[i]) <= 3e-7, `row ${Math.floor(i / 3)}: ${value}, expected ${expected[i]}`);
    });
  });

  test(`${isa}: softmax of 1,000 classes adds up to 1`, async () => {
    const found = await activated(isa, "softmax", 1000, [grid(-20, 20, 1000)]);
    const sum = found.reduce((total, p) => total + p, 0);
    assert.ok(Math.abs(sum - 1) < 1000 * 2 ** -24, `${sum}`);
  });

  test(`${isa}: activations keep a NaN and treat infinities as the reference does`, async () => {
    const row = [Number.NaN, Infinity, -Infinity, 1, -0, 6.5, -3.5, 3];
    for (const name of activationNames.filter((other) => other !== "softmax")) {
      const expected = await activated("reference", name, 8, [row]);
      const found = await activated(isa, name, 8, [row]);
      assert.ok(Number.isNaN(found[0]), name);
      found.forEach((value, i) => {
        const near = Math.abs(value - expected[i]) <= 1e-6 * Math.abs(expected[i]) + 1e-37;
        assert.ok(Object.is(value, expected[i]) || near, `${name}(${row[i]}) is ${value}, expected ${expected[i]}`);
      });
    }
  });

  test(`${isa}: a logarithm is right to 3 units in the last place, of subnormal numbers too`, async () => {
    // Every exponent, and close to 1, where the logarithm is small.
    const scattered = grid(1, 2, 211).flatMap((m) => Array.from({ length: 276 }, (_, i) => m * 2 ** (i - 148)));
    const xs = [...Float32Array.from([...scattered, ...grid(0.5, 2, 40_000)])].filter((x) => x < Infinity);
    xs.length -= xs.length % 4;
    const found = await logarithms(isa, chunk(xs, 4));
    const worst = xs.reduce((most, x, i) => Math.max(most, Math.abs(found[i] - Math.log(x)) / unitOf(Math.log(x))), 0);
    assert.ok(worst < 3, `${worst}`);
  });

  test(`${isa}: a logarithm of 0 is -Infinity, and of negative numbers NaN`, async () => {
    const rows = [
      [0, -0, Infinity, 1],
      [-1, -1e-40, -Infinity, Number.NaN],
    ];
    assert.deepEqual(
      [...(await logarithms(isa, rows))],
      [-Infinity, -Infinity, Infinity, 0, Number.NaN, Number.NaN, Number.NaN, Number.NaN],
    );
  });

  test(`${isa}: log_softmax neither overflows nor loses what softmax rounds to 0`, async () => {
    const rows = [
      [1e4, -1e4, 0],
      [1e38, 1e38, -1e38],
      [-1e38, -1e38, -1e38],
      [0, -200, -100],
      [1e-3, 0, -1e-3],
    ];
    const graph = graphOf([1, rows.length, 3], (b) => b.add(logSoftmax, "y", [b.input], {}));
    const input = tensor([1, 1, rows.length, 3], rows.flat());
    const expected = await compute("reference", graph, input);
    const found = await compute(isa, graph, input);
    found.forEach((value, i) => {
      const near = Math.abs(value - expected[i]) <= 2e-7 * Math.max(1, Math.abs(expected[i]));
      assert.ok(near, `row ${Math.floor(i / 3)}: ${value}, expected ${expected[i]}`);
    });
  });

  test(`${isa}: a NaN stays in its pixel and its channel, through clamps and pooling`, async () => {
    const input = tensor([1, 2, 2, 4], new Array(16).fill(1));
    input.data[5] = Number.NaN;
    const kernel = tensor([1, 1, 4, 4], [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2]);
    const weights = { "y/kernel": kernel, "y/depthwise_kernel": tensor([1, 1, 4, 1], [2, 2, 2, 2]) };
    for (const name of ["linear", "relu", "relu6"] as const) {
      const pointwise = graphOf([2, 2, 4], (b) => b.add(conv2d, "y", [b.input], conv(4, { activation: name })));
      const attrs = depthwise({ kernelSize: [1, 1], activation: name });
      const channelwise = graphOf([2, 2, 4], (b) => b.add(depthwiseConv2d, "y", [b.input], attrs));
      const ofPixel = await compute(isa, pointwise, input, weights);
      const ofChannel = await compute(isa, channelwise, input, weights);
      // 0 times NaN is NaN: a pointwise convolution spreads it over the pixel's channels, a depthwise one does not.
      ofPixel.forEach((value, i) => {
        assert.equal(value, Math.floor(i / 4) === 1 ? Number.NaN : 2, `conv2d ${name} [${i}]`);
      });
      ofChannel.forEach((value, i) => {
        assert.equal(value, i === 5 ? Number.NaN : 2, `depthwise_conv2d ${name} [${i}]`);
      });
    }
    for (const pool of [globalAveragePooling2d, globalMaxPooling2d]) {
      const graph = graphOf([2, 2, 4], (b) => b.add(pool, "y", [b.input], { keepdims: false }));
      assert.deepEqual([...(await compute(isa, graph, input))], [1, Number.NaN, 1, 1], pool.name);
    }
  });
}

function chunk(values: readonly number[], size: number): number[][] {
  return Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size));
}
