import assert from "node:assert/strict";
import { test } from "node:test";
import { conv, depthwise, graphOf } from "../../../../test/support/graph-of.ts";
import { opsOf, transformed, untransformed } from "../../../../test/support/pass.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { activation } from "../graph/ops/activation.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { globalMaxPooling2d } from "../graph/ops/global_max_pooling2d.ts";
import { zeroPadding2d } from "../graph/ops/zero_padding2d.ts";
import { foldPadding } from "./fold-padding.ts";

const padding = { top: 1, bottom: 2, left: 3, right: 4 };
const padded = (b: GraphBuilder, x = b.input, name = "pad") => b.add(zeroPadding2d, name, [x], { padding });
const window = { kernelSize: [3, 2], strides: [2, 1] } as const;

test("a convolution that pads nothing takes the padding over", async () => {
  for (const layer of [conv2d, depthwiseConv2d]) {
    const graph = graphOf([5, 4, 3], (b) =>
      layer === conv2d
        ? b.add(conv2d, "conv", [padded(b)], conv(4, { ...window, padding: "valid" }))
        : b.add(depthwiseConv2d, "conv", [padded(b)], depthwise({ ...window, padding: "valid" })),
    );
    const result = await transformed(foldPadding, graph);
    assert.equal(opsOf(result.graph), layer.name);
    assert.deepEqual(result.graph.nodes[0].inputs, ["input", graph.nodes[1].inputs[1]]);
    assert.deepEqual(result.graph.nodes[0].attrs, { ...graph.nodes[1].attrs, padding });
  }
});

test("a convolution that pads explicitly adds it up side by side", async () => {
  const own = { top: 10, bottom: 20, left: 30, right: 40 };
  const graph = graphOf([5, 4, 3], (b) => b.add(conv2d, "conv", [padded(b)], conv(4, { ...window, padding: own })));
  const result = await transformed(foldPadding, graph);
  const sum = { top: 11, bottom: 22, left: 33, right: 44 };
  assert.deepEqual(
    result.graph.nodes.map(({ attrs }) => "padding" in attrs && attrs.padding),
    [sum],
  );
});

test("padding stays where a convolution pads by its input's size", () =>
  untransformed(
    foldPadding,
    graphOf([5, 4, 3], (b) => b.add(conv2d, "conv", [padded(b)], conv(4, { ...window, padding: "same" }))),
  ));

test("padding stays where others see it", async () => {
  const asOutput = graphOf([5, 4, 3], (b) => [padded(b), b.add(conv2d, "conv", ["pad"], conv(4, window))]);
  const twoReaders = graphOf([5, 4, 3], (b) => {
    padded(b);
    return [b.add(conv2d, "conv", ["pad"], conv(4, window)), b.add(conv2d, "other", ["pad"], conv(5, window))];
  });
  const noWindow = graphOf([5, 4, 3], (b) => [
    b.add(globalMaxPooling2d, "max", [padded(b)], { keepdims: false }),
    b.add(activation, "relu", [padded(b, b.input, "pad2")], { activation: "relu" }),
  ]);
  for (const graph of [asOutput, twoReaders, noWindow]) await untransformed(foldPadding, graph);
});

test("of two paddings in a row at least the last goes", async () => {
  const graph = graphOf([5, 4, 3], (b) => b.add(conv2d, "conv", [padded(b, padded(b), "again")], conv(4, window)));
  const result = await transformed(foldPadding, graph);
  assert.deepEqual(
    result.graph.nodes.map(({ name, inputs }) => [name, inputs[0]]),
    [
      ["pad", "input"],
      ["conv", "pad"],
    ],
  );
});
