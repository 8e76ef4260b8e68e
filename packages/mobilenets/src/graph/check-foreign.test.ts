import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphError } from "../errors.ts";
import { buildGraph, type NetworkName, networkNames } from "../models/networks.ts";
import { checkForeignGraph } from "./check-foreign.ts";

type Json = Record<string, unknown>;

/** A graph with an op of each kind, in the form of a file. */
function graph(): Json {
  const x = [1, 8, 8, 2];
  const params = { "c/kernel": [3, 3, 2, 2], "d/depthwise_kernel": [3, 3, 2, 1], "e/kernel": [2, 3], "e/bias": [3] };
  const window = { kernelSize: [3, 3], strides: [1, 1], padding: "same", useBias: false, activation: "relu" };
  return {
    name: "g",
    input: { name: "x", shape: x },
    params: Object.fromEntries(
      Object.entries(params).map(([name, shape]) => [name, { shape, trainable: true, init: "zeros" }]),
    ),
    nodes: [
      { name: "c", op: "conv2d", inputs: ["x", "c/kernel"], attrs: { ...window, filters: 2 }, shape: x },
      {
        name: "d",
        op: "depthwise_conv2d",
        inputs: ["c", "d/depthwise_kernel"],
        attrs: { ...window, depthMultiplier: 1 },
        shape: x,
      },
      { name: "r", op: "rescaling", inputs: ["d"], attrs: { scale: 2, offset: 0 }, shape: x },
      {
        name: "z",
        op: "zero_padding2d",
        inputs: ["r"],
        attrs: { padding: { top: 1, bottom: 0, left: 0, right: 1 } },
        shape: [1, 9, 9, 2],
      },
      { name: "a", op: "add", inputs: ["z", "z"], attrs: {}, shape: [1, 9, 9, 2] },
      { name: "p", op: "global_average_pooling2d", inputs: ["a"], attrs: { keepdims: true }, shape: [1, 1, 1, 2] },
      { name: "f", op: "reshape", inputs: ["p"], attrs: { target: [-1] }, shape: [1, 2] },
      { name: "o", op: "dropout", inputs: ["f"], attrs: { rate: 0.5 }, shape: [1, 2] },
      {
        name: "e",
        op: "dense",
        inputs: ["o", "e/kernel", "e/bias"],
        attrs: { units: 3, useBias: true, activation: "linear" },
        shape: [1, 3],
      },
      { name: "s", op: "activation", inputs: ["e"], attrs: { activation: "softmax" }, shape: [1, 3] },
    ],
    outputs: ["s"],
  };
}

/** The graph with the value at a path replaced, e.g. `nodes.0.attrs.filters`. */
function changed(path: string, value: unknown): Json {
  const whole = graph();
  const keys = path.split(".");
  const last = keys.pop() as string;
  const holder = keys.reduce((at, key) => at[key] as Json, whole);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return whole;
}

test("graphs that files hold pass: this one, and every network of ours", () => {
  assert.deepEqual(checkForeignGraph(graph()), graph());
  for (const name of networkNames) {
    const built = JSON.parse(JSON.stringify(buildGraph(name as NetworkName)));
    assert.deepEqual(checkForeignGraph(built), built);
  }
});

const nothings = [null, "1", {}, [], true, Number.POSITIVE_INFINITY];
const refusals: readonly (readonly [path: string, values: readonly unknown[]])[] = [
  ["name", [7, "", undefined]],
  ["input", [...nothings, 7]],
  ["input.name", [7, "c", "c/kernel"]],
  ["input.shape", [null, [8, 8, 2], [2, 8, 8, 2], [1, 8, 8, 0], [1, 8.5, 8, 2], [1, -8, 8, 2], "1,8,8,2"]],
  ["params", [null, [], 7]],
  ["params.c/kernel", [null, 7, []]],
  ["params.c/kernel.shape", [null, [3, 3, 2], [3, 3, 2, 3], [3, 3, 2, "2"], [0, 3, 2, 2]]],
  ["params.c/kernel.trainable", [1, "yes"]],
  ["params.c/kernel.init", ["noise", 7]],
  ["nodes", [null, {}, 7]],
  ["nodes.0", [null, [], 7]],
  ["nodes.0.name", ["", 7, "x", "c/kernel", undefined]],
  ["nodes.0.op", ["nope", 7, "__proto__", "pick", "conv2d_input_grad"]],
  ["nodes.0.inputs", [null, ["x"], ["x", "c/kernel", "c/kernel"], ["x", "nope"], [7, "c/kernel"], ["c", "c/kernel"]]],
  ["nodes.0.attrs", [null, [], 7, {}]],
  ["nodes.0.attrs.filters", [0, 1.5, ...nothings]],
  ["nodes.0.attrs.strides", [[0.5, 0.5], [0, 1], [-1, 1], [1], [1, 1, 1], ["1", 1], 1, ...nothings]],
  ["nodes.0.attrs.kernelSize", [[3.5, 3], [0, 3], [3], 3, ...nothings]],
  [
    "nodes.0.attrs.padding",
    [
      "full",
      { top: 0.25, bottom: 0.25, left: 0, right: 0 },
      { top: -1, bottom: 1, left: 0, right: 0 },
      { top: 1 },
      null,
    ],
  ],
  ["nodes.0.attrs.useBias", [true, 1, null, undefined]],
  ["nodes.0.attrs.residual", [true, 1]],
  ["nodes.0.attrs.activation", ["gelu", 7, null, undefined]],
  ["nodes.0.shape", [null, [1, 8, 8, 3], [1, 8, 8]]],
  ["nodes.1.attrs.depthMultiplier", [0, 0.5, ...nothings]],
  ["nodes.2.attrs.scale", [...nothings]],
  [
    "nodes.3.attrs.padding",
    [{ top: 0.5, bottom: 0.5, left: 0, right: 1 }, { top: -1, bottom: 2, left: 0, right: 1 }, 1, null],
  ],
  ["nodes.4.inputs", [["z"], ["z", "z", "z"], ["z", "x"], []]],
  ["nodes.5.attrs.keepdims", [1, null, undefined]],
  ["nodes.6.attrs.target", [[-2], [2.5], [-1, 2], [0], "flat", null]],
  ["nodes.7.attrs.rate", [-1, "0.5", null]],
  ["nodes.8.attrs.units", [0, 4, "3"]],
  ["nodes.9.attrs.activation", ["", "Softmax"]],
  ["outputs", [null, [], ["x"], ["nope"], ["e/bias"], [7], "s"]],
  ["input.dtype", ["int8", "float16", "__proto__", ["float32"], null, 7]],
  ["input.quantization", [{ scales: [1], zeroPoints: [0] }, null, 7]],
  ["params.c/kernel.dtype", ["int8", "int64", "toString", null]],
  ["nodes.0.dtype", ["int8", "float16", "int16", "Float32", {}]],
  ["nodes.0.quantization", [{ scales: [1], zeroPoints: [0] }, [], null]],
];

for (const [path, values] of refusals) {
  test(`what is wrong with ${path} is named`, () => {
    for (const value of values) {
      assert.throws(() => checkForeignGraph(changed(path, value)), GraphError, JSON.stringify(value));
    }
  });
}

/** The graph with a layer whose result is int8, with the given quantisation. */
function quantised(quantization: unknown): Json {
  const whole = changed("nodes.0.dtype", "int8");
  (whole.nodes as Json[])[0].quantization = quantization;
  return whole;
}

test("integers with scales and zero points pass", () => {
  for (const quantization of [
    { scales: [0.0235], zeroPoints: [-128] },
    { scales: [1], zeroPoints: [0], axis: 0 },
    { scales: [0.5, 2], zeroPoints: [0, 127], axis: 3 },
  ]) {
    assert.deepEqual(checkForeignGraph(quantised(quantization)), quantised(quantization));
  }
  const halves = changed("params.c/kernel.dtype", "float16");
  assert.deepEqual(checkForeignGraph(halves), halves);
});

const unsound: readonly (readonly [message: RegExp, ...quantizations: unknown[]])[] = [
  [/int8 without a quantization/, undefined],
  [/expected scales and as many zeroPoints/, null, 7, {}, [], "1", { scales: [1] }, { scales: 1, zeroPoints: 0 }],
  [
    /expected scales and as many zeroPoints/,
    { scales: [1], zeroPoints: [] },
    { scales: { length: 1 }, zeroPoints: [0] },
  ],
  [
    /scale .*expected a positive number/,
    ...[0, -1, 1e-60, 1e39, null, "1"].map((scale) => ({ scales: [scale], zeroPoints: [0] })),
  ],
  [
    /zero point .*an integer from -128 to 127/,
    ...[-129, 128, 0.5, null, "0"].map((zero) => ({ scales: [1], zeroPoints: [zero] })),
  ],
  [/0 scales along axis undefined/, { scales: [], zeroPoints: [] }],
  [/0 scales along axis 3/, { scales: [], zeroPoints: [], axis: 3 }],
  [
    /2 scales along axis .* of \[1,8,8,2\]/,
    ...[undefined, 0, 1, 4, -1, 2.5, null, "3", "length"].map((axis) => ({ scales: [1, 1], zeroPoints: [0, 0], axis })),
  ],
];

for (const [message, ...quantizations] of unsound) {
  test(`a quantization is refused: ${message.source}`, () => {
    for (const quantization of quantizations) {
      assert.throws(
        () => checkForeignGraph(quantised(quantization)),
        (error) => error instanceof GraphError && error.where === "c" && message.test(error.message),
        JSON.stringify(quantization),
      );
    }
  });
}

test("a result larger than any memory is refused", () => {
  const padding = { top: 1e6, bottom: 1e6, left: 1e6, right: 1e6 };
  const huge = changed("nodes.3.attrs.padding", padding);
  (huge.nodes as Json[])[3].shape = [1, 2e6 + 8, 2e6 + 8, 2];
  assert.throws(() => checkForeignGraph(huge), /at most 1073741824 numbers/);
});

test("weights are parameters, and what layers take from each other is none", () => {
  const shape = [1, 1, 2, 2];
  const window = { kernelSize: [1, 1], strides: [1, 1], padding: "same", useBias: false, activation: "relu" };
  const conv = { name: "c", op: "conv2d", inputs: ["x", "x"], attrs: { ...window, filters: 2 }, shape };
  const whole = { name: "g", input: { name: "x", shape }, params: {}, nodes: [conv], outputs: ["c"] };
  assert.throws(() => checkForeignGraph(whole), /^GraphError: c: "x", expected a parameter as input 1$/);
  const added = changed("nodes.4.inputs", ["z", "extra"]);
  (added.params as Record<string, Json>).extra = { shape: [1, 9, 9, 2], trainable: true, init: "zeros" };
  assert.throws(() => checkForeignGraph(added), /^GraphError: a: "extra", expected the result of a layer as input 1$/);
  const shared = changed("nodes.1", {
    ...conv,
    inputs: ["c", "c/kernel"],
    attrs: { ...window, kernelSize: [3, 3], filters: 2 },
    shape: [1, 8, 8, 2],
    name: "d",
  });
  assert.throws(
    () => checkForeignGraph(shared),
    /^GraphError: d: "c\/kernel", expected a parameter that no other layer uses$/,
  );
});
