import assert from "node:assert/strict";
import { test } from "node:test";
import { conv, depthwise, graphOf, units } from "../../../../test/support/graph-of.ts";
import { opsOf, transformed, untransformed } from "../../../../test/support/pass.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { dense } from "../graph/ops/dense.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { reshape } from "../graph/ops/reshape.ts";
import { splitActivation } from "./split-activation.ts";

test("softmax and sigmoid become layers of their own, under the layer's name", async () => {
  const graph = graphOf([2, 2, 3], (b) => {
    const x = b.add(conv2d, "conv", [b.input], conv(5, { activation: "sigmoid" }));
    const y = b.add(depthwiseConv2d, "dw", [x], depthwise({ activation: "softmax", useBias: true }));
    const flat = b.add(reshape, "flat", [y], { target: [-1] });
    return [x, b.add(dense, "dense", [flat], units(4, { activation: "softmax" }))];
  });
  const result = await transformed(splitActivation, graph);
  assert.equal(opsOf(result.graph), "conv2d activation depthwise_conv2d activation reshape dense activation");
  assert.deepEqual(result.graph.outputs, ["conv", "dense"]);
  const [first, second] = result.graph.nodes;
  assert.deepEqual([first.name, second.name, second.inputs], ["conv/linear", "conv", ["conv/linear"]]);
  assert.deepEqual(second.attrs, { activation: "sigmoid" });
});

test("activations that kernels apply by themselves stay inside", () =>
  untransformed(
    splitActivation,
    graphOf([2, 2, 3], (b) => {
      const x = b.add(conv2d, "conv", [b.input], conv(5, { activation: "relu6" }));
      return b.add(depthwiseConv2d, "dw", [x], depthwise({ activation: "hard_swish" }));
    }),
  ));
