import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphError } from "../errors.ts";
import { checkGraph } from "./check.ts";
import type { Graph, Node } from "./graph.ts";

const relu: Node = {
  name: "relu",
  op: "activation",
  inputs: ["input"],
  attrs: { activation: "relu" },
  shape: [1, 2, 2, 3],
};
const dense: Node = {
  name: "dense",
  op: "dense",
  inputs: ["flat", "dense/kernel"],
  attrs: { units: 4, useBias: false, activation: "linear" },
  shape: [1, 4],
};
const flat: Node = { name: "flat", op: "reshape", inputs: ["relu"], attrs: { target: [-1] }, shape: [1, 12] };
const good: Graph = {
  name: "net",
  input: { name: "input", shape: [1, 2, 2, 3] },
  params: { "dense/kernel": { shape: [12, 4], trainable: true, init: "glorot_uniform" } },
  nodes: [relu, flat, dense],
  outputs: ["dense"],
};

test("passes a graph that holds together, and returns it", () => {
  assert.equal(checkGraph(good), good);
});

/** Graphs that each break one rule; the error names the layer and the fault. */
const broken: [what: string, change: Partial<Graph>, message: RegExp][] = [
  [
    "an unknown op",
    { nodes: [{ ...relu, op: "blur" }, flat, dense] },
    /^relu: unknown op "blur", expected one of activation, add/,
  ],
  [
    "a missing input",
    { nodes: [{ ...relu, inputs: ["picture"] }, flat, dense] },
    /^relu: input "picture" is not defined before it/,
  ],
  ["a missing parameter", { params: {} }, /^dense: input "dense\/kernel" is not defined/],
  ["an order that cannot be computed", { nodes: [flat, relu, dense] }, /^flat: input "relu" is not defined before it/],
  ["two layers of one name", { nodes: [relu, relu, flat, dense] }, /^relu: a second value of this name/],
  ["a layer called like the input", { nodes: [{ ...relu, name: "input" }] }, /^input: a second value of this name/],
  [
    "a shape that is not the op's",
    { nodes: [relu, { ...flat, shape: [1, 13] }, dense] },
    /^flat: shape \[1,13\], expected \[1,12\]/,
  ],
  [
    "a parameter of another shape",
    { params: { "dense/kernel": { shape: [11, 4], trainable: true, init: "zeros" } } },
    /^dense: input \[1,12\] with kernel \[11,4\], expected/,
  ],
  ["an output nobody makes", { outputs: ["logits"] }, /^logits: an output that no layer makes/],
];

for (const [what, change, message] of broken) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => checkGraph({ ...good, ...change }),
      (error: unknown) => error instanceof GraphError && message.test(error.message),
    );
  });
}
