import assert from "node:assert/strict";
import { test } from "node:test";
import { paperBlocks } from "../../../../test/support/paper-tables.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { initialise } from "../models/initialise.ts";
import { layers as layersOf } from "../models/layers.ts";
import { buildGraph, flavorsOf, type NetworkName, networkNames } from "../models/networks.ts";
import type { ModelOptions } from "../models/options.ts";
import { optimise } from "../passes/optimise.ts";
import { findBlocks } from "./blocks.ts";

/** A block as text: channels in, expanded, out; kernel, stride, `+` for a residual. */
const line = ({ channels: { input, expanded, output }, kernel, stride, residual }: ReturnType<typeof findBlocks>[0]) =>
  `${input} ${expanded} ${output} ${kernel[0]} ${stride[0]}${residual ? " +" : ""}`;

for (const network of networkNames) {
  for (const flavor of flavorsOf(network)) {
    test(`${network}, ${flavor}: the blocks of the paper's table`, () => {
      const expected = paperBlocks[network].map((block) => {
        const { input, expanded, output, kernel, stride, residual } = block;
        return `${input} ${expanded} ${output} ${kernel} ${stride}${residual ? " +" : ""}`;
      });
      assert.deepEqual(findBlocks(buildGraph(network, { flavor })).map(line), expected);
    });
  }
}

const first = (network: NetworkName, options: ModelOptions, count: number) =>
  findBlocks(buildGraph(network, options)).slice(0, count).map(line);

test("narrower and wider networks: a few blocks by hand", () => {
  // V1: int(alpha * filters).
  assert.deepEqual(first("mobilenet_v1", { alpha: 0.25 }, 3), ["8 8 16 3 1", "16 16 32 3 2", "32 32 32 3 1"]);
  // V2 at 0.35: md(11.2) = 16 for the stem, md(5.6) = 8, md(8.4) = 8, md(11.2) = 16.
  assert.deepEqual(first("mobilenet_v2", { alpha: 0.35 }, 4), [
    "16 16 8 3 1",
    "8 48 8 3 2",
    "8 48 8 3 1 +",
    "8 48 16 3 2",
  ]);
  // V2 at 1.4: md(44.8) = 48, md(22.4) = 24, md(33.6) = 32, md(44.8) = 48.
  assert.deepEqual(first("mobilenet_v2", { alpha: 1.4 }, 4), [
    "48 48 24 3 1",
    "24 144 32 3 2",
    "32 192 32 3 1 +",
    "32 192 48 3 2",
  ]);
  // V3-small at 0.75, Keras: the stem stays 16; md(12) = 16, md(18) = 24 since 16 is less than 0.9 * 18, md(30) = 32.
  assert.deepEqual(first("mobilenet_v3_small", { alpha: 0.75 }, 4), [
    "16 16 16 3 2",
    "16 72 24 3 2",
    "24 88 24 3 1 +",
    "24 96 32 5 2",
  ]);
  // torchvision at 0.3: the first two blocks do not expand, as 8 channels would become 8 and 24.
  assert.deepEqual(first("mobilenet_v3_small", { alpha: 0.3, flavor: "torchvision" }, 2), ["8 8 8 3 2", "8 24 8 3 2"]);
});

test("at every width and size a network has its blocks, with a sum wherever input and result fit", () => {
  for (const network of networkNames) {
    for (const flavor of flavorsOf(network)) {
      for (const alpha of [0.1, 0.35, 0.75, 1.3, 2]) {
        const inputShape = [64, 96, 1] as const;
        const blocks = findBlocks(buildGraph(network, { flavor, alpha, inputShape }));
        assert.equal(blocks.length, paperBlocks[network].length);
        for (const { name, kind, channels, stride, residual } of blocks) {
          // The article adds where the input has the table's width, which these alphas change.
          const adds = network !== "mobilenet_v3_small" || flavor !== "article";
          const fits = adds && kind === "inverted_residual" && stride[0] === 1 && channels.input === channels.output;
          assert.equal(residual, fits, `${network} ${flavor} ${alpha}: ${name}`);
        }
      }
    }
  }
});

test("V1's channel multiplier widens in the depthwise convolution", () => {
  assert.deepEqual(first("mobilenet_v1", { depthMultiplier: 2 }, 2), ["32 64 64 3 1", "64 128 128 3 2"]);
});

test("V1 ends its blocks in ReLU6; from V2 on the bottleneck is linear", () => {
  const kinds = (network: NetworkName) => {
    const blocks = findBlocks(buildGraph(network));
    return [...new Set(blocks.map((block) => `${block.kind} ${block.outputActivation}`))];
  };
  assert.deepEqual(kinds("mobilenet_v1"), ["depthwise_separable relu6"]);
  for (const network of networkNames.slice(1)) assert.deepEqual(kinds(network), ["inverted_residual linear"]);
});

test("activations as in the paper's table: ReLU early, hard-swish late", () => {
  const activations = findBlocks(buildGraph("mobilenet_v3_large")).map((block) => block.activation);
  assert.deepEqual(activations, [...Array(6).fill("relu"), ...Array(9).fill("hard_swish")]);
});

test("blocks are named as their layers are, or numbered where layers have no names of their own", () => {
  const names = (network: NetworkName, options: ModelOptions = {}) =>
    findBlocks(buildGraph(network, options)).map(({ name }) => name);
  const count = (n: number, from: number) => Array.from({ length: n }, (_, i) => String(from + i));
  assert.deepEqual(names("mobilenet_v1"), count(13, 1));
  assert.deepEqual(names("mobilenet_v2"), ["expanded_conv", ...count(16, 1).map((n) => `block_${n}`)]);
  assert.deepEqual(names("mobilenet_v3_small"), ["expanded_conv", ...count(10, 1).map((n) => `expanded_conv_${n}`)]);
  assert.deepEqual(names("mobilenet_v3_small", { flavor: "article" }), count(11, 1));
  assert.deepEqual(names("efficientnet_lite0").slice(0, 4), ["block1a", "block2a", "block2b", "block3a"]);
});

test("a block has all its layers, padding and sum among them, and no other's", () => {
  const blocks = findBlocks(buildGraph("mobilenet_v3_small"));
  const [block] = blocks.slice(3);
  assert.deepEqual(block.layers, [
    ...["expand", "expand_bn"].map((role) => `expanded_conv_3_${role}`),
    "activation_1",
    ...["depthwise_pad", "depthwise", "depthwise_bn"].map((role) => `expanded_conv_3_${role}`),
    "activation_2",
    ...["avg_pool", "conv", "relu", "conv_1"].map((role) => `expanded_conv_3_squeeze_excite_${role}`),
    "multiply_1",
    ...["squeeze_excite_mul", "project", "project_bn"].map((role) => `expanded_conv_3_${role}`),
  ]);
  assert.equal(blocks[2].layers.at(-1), "expanded_conv_2_add");
  for (const network of networkNames) {
    const all = findBlocks(buildGraph(network)).flatMap(({ layers }) => layers);
    assert.equal(new Set(all).size, all.length, network);
  }
});

test("the maps between blocks fit: each reads what the one before gives", () => {
  const blocks = findBlocks(buildGraph("mobilenet_v2", { inputShape: [97, 160, 3] }));
  blocks.slice(1).forEach((block, i) => {
    assert.deepEqual(block.inputShape, blocks[i].outputShape, block.name);
  });
  assert.deepEqual(blocks[0].inputShape, [1, 49, 80, 32]);
});

test("in a graph made ready for an engine the same blocks are found", () => {
  for (const network of networkNames) {
    const graph = buildGraph(network, { alpha: 0.5, inputShape: [64, 64, 3] });
    const optimised = optimise({ graph, weights: initialise(graph) }).graph;
    const facts = (g: Graph) =>
      findBlocks(g).map((block) => [block.name, line(block), block.kind, block.activation, block.squeeze?.squeezed]);
    assert.deepEqual(facts(optimised), facts(graph), network);
  }
});

test("a chain of other convolutions has no blocks; a pair without names of its own is number 1", () => {
  const b = new GraphBuilder("other", [8, 8, 3]);
  const l = layersOf(b);
  const plain = l.conv(l.conv(b.input, 4, { name: "a", kernel: 3 }), 4, { name: "b" });
  assert.deepEqual(findBlocks(b.build(plain)), []);
  const attrs = { strides: [1, 1], padding: "same", useBias: false, activation: "linear" } as const;
  const dw = b.add(depthwiseConv2d, "dw", [plain], { ...attrs, kernelSize: [3, 3], depthMultiplier: 1 });
  const pw = b.add(conv2d, "pw", [dw], { ...attrs, kernelSize: [1, 1], filters: 4 });
  const sum = l.add(l.activation(pw, "relu"), plain);
  const [block] = findBlocks(b.build(sum));
  assert.equal(block.name, "1");
  // `b` is pointwise and comes before: it is the block's expansion, from 4 channels to 4.
  assert.deepEqual([block.expand, block.kind, block.residual], ["b", "depthwise_separable", false]);
});
