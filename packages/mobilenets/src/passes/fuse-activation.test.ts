import assert from "node:assert/strict";
import { test } from "node:test";
import { conv, depthwise, graphOf, units } from "../../../../test/support/graph-of.ts";
import { opsOf, transformed, untransformed } from "../../../../test/support/pass.ts";
import type { Activation } from "../graph/activations.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { activation } from "../graph/ops/activation.ts";
import { add } from "../graph/ops/add.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { dense } from "../graph/ops/dense.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { globalMaxPooling2d } from "../graph/ops/global_max_pooling2d.ts";
import { fuseActivation } from "./fuse-activation.ts";

const act = (b: GraphBuilder, x: string, name: Activation, layer = "act") =>
  b.add(activation, layer, [x], { activation: name });

test("clamps and the hard activations go into the layer before", async () => {
  for (const name of ["relu", "relu6", "hard_swish", "hard_sigmoid"] as const) {
    const graph = graphOf([3, 3, 3], (b) => {
      let x = act(b, b.add(conv2d, "conv", [b.input], conv(4)), name, "a1");
      x = act(b, b.add(depthwiseConv2d, "dw", [x], depthwise()), name, "a2");
      x = b.add(globalMaxPooling2d, "pool", [x], { keepdims: false });
      return act(b, b.add(dense, "dense", [x], units(3)), name, "a3");
    });
    const result = await transformed(fuseActivation, graph);
    assert.equal(opsOf(result.graph), "conv2d depthwise_conv2d global_max_pooling2d dense");
    assert.deepEqual(result.graph.outputs, ["dense"]);
    const inside = result.graph.nodes.flatMap(({ attrs }) => ("activation" in attrs ? [attrs.activation] : []));
    assert.deepEqual(inside, [name, name, name]);
  }
});

test("of two activations in a row only the first goes in", async () => {
  const graph = graphOf([3, 3, 3], (b) => {
    const x = b.add(conv2d, "conv", [b.input], conv(4));
    return act(b, act(b, x, "hard_swish", "first"), "relu6", "second");
  });
  const result = await transformed(fuseActivation, graph);
  assert.deepEqual(
    result.graph.nodes.map(({ name, attrs }) => [name, "activation" in attrs && attrs.activation]),
    [
      ["conv", "hard_swish"],
      ["second", "relu6"],
    ],
  );
});

test("an activation stays a layer where it cannot go in", async () => {
  const convolved = (b: GraphBuilder, inside: Activation = "linear") =>
    b.add(conv2d, "conv", [b.input], conv(4, { activation: inside }));
  const graphs = {
    softmax: graphOf([3, 3, 3], (b) => act(b, convolved(b), "softmax")),
    sigmoid: graphOf([3, 3, 3], (b) => act(b, convolved(b), "sigmoid")),
    "another inside": graphOf([3, 3, 3], (b) => act(b, convolved(b, "relu"), "relu6")),
    "no layer before": graphOf([3, 3, 3], (b) => act(b, b.input, "relu")),
    "the layer is an output": graphOf([3, 3, 3], (b) => [convolved(b), act(b, "conv", "relu")]),
    "two readers": graphOf([3, 3, 3], (b) => b.add(add, "sum", [act(b, convolved(b), "relu"), "conv"], {})),
  };
  for (const graph of Object.values(graphs)) await untransformed(fuseActivation, graph);
});
