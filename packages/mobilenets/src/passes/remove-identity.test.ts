import assert from "node:assert/strict";
import { test } from "node:test";
import { conv, graphOf } from "../../../../test/support/graph-of.ts";
import { opsOf, transformed, untransformed } from "../../../../test/support/pass.ts";
import { activation } from "../graph/ops/activation.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { dropout } from "../graph/ops/dropout.ts";
import { removeIdentity } from "./remove-identity.ts";

test("dropout and linear activations go, their readers read what was before them", async () => {
  const graph = graphOf([3, 3, 2], (b) => {
    const x = b.add(dropout, "once", [b.input], { rate: 0.5 });
    const y = b.add(activation, "linear", [b.add(dropout, "twice", [x], { rate: 0.1 })], { activation: "linear" });
    return b.add(conv2d, "conv", [y], conv(4));
  });
  const result = await transformed(removeIdentity, graph);
  assert.equal(opsOf(result.graph), "conv2d");
  assert.equal(result.graph.nodes[0].inputs[0], "input");
});

test("an output that is an identity moves to the value before it", async () => {
  const graph = graphOf([3, 3, 2], (b) => {
    const x = b.add(conv2d, "conv", [b.input], conv(4));
    return [b.add(dropout, "drop", [x], { rate: 0.5 }), b.add(dropout, "input_drop", [b.input], { rate: 0.5 })];
  });
  const result = await transformed(removeIdentity, graph);
  assert.deepEqual(result.graph.outputs, ["conv", "input"]);
});

test("activations that do something stay", () =>
  untransformed(
    removeIdentity,
    graphOf([3, 3, 2], (b) => b.add(activation, "relu", [b.input], { activation: "relu" })),
  ));
