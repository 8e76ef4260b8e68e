import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphError } from "../errors.ts";
import { GraphBuilder } from "./builder.ts";
import { checkGraph } from "./check.ts";
import { activation } from "./ops/activation.ts";
import { add } from "./ops/add.ts";
import { conv2d } from "./ops/conv2d.ts";

const conv = {
  filters: 4,
  kernelSize: [3, 3],
  strides: [2, 2],
  padding: "same",
  useBias: true,
  activation: "linear",
} as const;

test("collects layers with their shapes and parameters into a graph that checks", () => {
  const b = new GraphBuilder("net", [5, 6, 3], "picture");
  const x = b.add(conv2d, "stem", [b.input], conv);
  assert.equal(x, "stem");
  assert.deepEqual(b.shapeOf(x), [1, 3, 3, 4]);
  const graph = checkGraph(b.build(b.add(activation, "act", [x], { activation: "relu" })));
  assert.deepEqual(graph.input, { name: "picture", shape: [1, 5, 6, 3] });
  assert.deepEqual(graph.nodes[0].inputs, ["picture", "stem/kernel", "stem/bias"]);
  assert.deepEqual(graph.params, {
    "stem/kernel": { shape: [3, 3, 3, 4], trainable: true, init: "glorot_uniform" },
    "stem/bias": { shape: [4], trainable: true, init: "zeros" },
  });
  assert.deepEqual(graph.outputs, ["act"]);
});

test("counts Keras' automatic names for each class from nought", () => {
  const b = new GraphBuilder("net", [4, 4, 3]);
  const names = ["conv2d", "dense", "conv2d", "conv2d", "dense"].map((prefix) => b.autoName(prefix));
  assert.deepEqual(names, ["conv2d", "dense", "conv2d_1", "conv2d_2", "dense_1"]);
});

test("an output is a layer's result: no input, no weight, nothing unknown", () => {
  const b = new GraphBuilder("net", [5, 6, 3], "picture");
  b.add(conv2d, "stem", [b.input], conv);
  assert.throws(() => b.build("picture"), /^GraphError: net: an output that is the input itself, expected the result/);
  assert.throws(() => b.build("stem", "stem/bias"), /no layer named "stem\/bias"/);
});

test("refuses a second layer of a name, unknown inputs and inputs that do not fit, naming the layer", () => {
  const b = new GraphBuilder("net", [4, 4, 3]);
  b.add(conv2d, "stem", [b.input], conv);
  const refuses = (build: () => unknown, message: RegExp) =>
    assert.throws(build, (error: unknown) => error instanceof GraphError && message.test(error.message));
  refuses(() => b.add(conv2d, "stem", [b.input], conv), /^stem: two layers of this name/);
  refuses(() => b.add(conv2d, "next", ["nothing"], conv), /^net: no value named "nothing"/);
  refuses(() => b.add(add, "sum", ["stem", b.input], {}), /^sum: \[1,2,2,4\] \+ \[1,4,4,3\], expected equal shapes/);
});
