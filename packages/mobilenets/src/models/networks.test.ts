import assert from "node:assert/strict";
import { test } from "node:test";
import { checkGraph } from "../graph/check.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { is } from "../graph/ops.ts";
import { correctPad } from "./correct-pad.ts";
import { buildGraph, flavorsOf, type NetworkName, networkNames, optionsOf } from "./networks.ts";
import type { Flavor, ModelOptions } from "./options.ts";
import { preprocessingOf } from "./preprocessing.ts";
import { makeDivisible } from "./rounding.ts";

function node(graph: Graph, name: string): Node {
  const found = graph.nodes.find((candidate) => candidate.name === name);
  assert.ok(found, `no layer ${name}`);
  return found;
}

const has = (graph: Graph, name: string) => graph.nodes.some((candidate) => candidate.name === name);

/** Every network in each of its flavours. */
const variants = networkNames.flatMap((network) =>
  flavorsOf(network).map((flavor): [NetworkName, ModelOptions] => [network, { flavor }]),
);

test("networks have the flavours that their makers and the libraries publish, their default first", () => {
  assert.deepEqual(flavorsOf("mobilenet_v1"), ["keras", "timm", "article"]);
  assert.deepEqual(flavorsOf("mobilenet_v2"), ["keras", "torchvision", "timm", "article", "torchvision_quantizable"]);
  assert.deepEqual(flavorsOf("mobilenet_v3_small"), ["keras", "torchvision", "timm", "article"]);
  assert.deepEqual(flavorsOf("mobilenet_v3_large"), ["keras", "torchvision", "timm"]);
  assert.deepEqual(flavorsOf("efficientnet_lite0"), ["tensorflow", "timm"]);
  assert.equal(optionsOf("efficientnet_lite0").flavor, "tensorflow");
});

for (const [network, options] of variants) {
  test(`${network}, ${options.flavor}: holds together at any size, width, number of channels and classes`, () => {
    for (const inputShape of [
      [32, 32, 3],
      [33, 97, 1],
      [160, 96, 3],
      [225, 224, 3],
    ] as const) {
      for (const alpha of [0.25, 0.35, 1, 1.4]) {
        const graph = checkGraph(buildGraph(network, { ...options, inputShape, alpha, classes: 7 }));
        assert.deepEqual(graph.input.shape, [1, ...inputShape]);
        assert.deepEqual(node(graph, graph.outputs[0]).shape, [1, 7]);
      }
    }
  });

  test(`${network}, ${options.flavor}: without its classifier it ends in a map, pooled on request`, () => {
    const map = checkGraph(buildGraph(network, { ...options, includeTop: false }));
    const [, height, width, channels] = node(map, map.outputs[0]).shape;
    assert.deepEqual([height, width], [7, 7]);
    for (const pooling of ["avg", "max"] as const) {
      const graph = checkGraph(buildGraph(network, { ...options, includeTop: false, pooling }));
      const pool = node(graph, graph.outputs[0]);
      assert.equal(pool.op, pooling === "avg" ? "global_average_pooling2d" : "global_max_pooling2d");
      assert.deepEqual(pool.shape, [1, channels]);
    }
  });

  test(`${network}, ${options.flavor}: shrinks pictures at five layers, with the names Keras gives them`, () => {
    const graph = buildGraph(network, options);
    const strided = graph.nodes.filter((n) => (is(n, conv2d) || is(n, depthwiseConv2d)) && n.attrs.strides[0] === 2);
    const expected = options.flavor === "article" && network === "mobilenet_v3_small" ? "article v3" : network;
    assert.deepEqual(
      strided.map(({ name }) => name),
      stridedLayers[expected],
    );
  });
}

const stridedLayers: Record<NetworkName | "article v3", string[]> = {
  mobilenet_v1: ["conv1", "conv_dw_2", "conv_dw_4", "conv_dw_6", "conv_dw_12"],
  mobilenet_v2: ["Conv1", "block_1_depthwise", "block_3_depthwise", "block_6_depthwise", "block_13_depthwise"],
  mobilenet_v3_small: [
    "conv",
    "expanded_conv_depthwise",
    "expanded_conv_1_depthwise",
    "expanded_conv_3_depthwise",
    "expanded_conv_8_depthwise",
  ],
  mobilenet_v3_large: [
    "conv",
    "expanded_conv_1_depthwise",
    "expanded_conv_3_depthwise",
    "expanded_conv_6_depthwise",
    "expanded_conv_12_depthwise",
  ],
  efficientnet_lite0: ["stem_conv", "block2a_dwconv", "block3a_dwconv", "block4a_dwconv", "block6a_dwconv"],
  "article v3": ["conv2d", "depthwise_conv2d", "depthwise_conv2d_1", "depthwise_conv2d_3", "depthwise_conv2d_8"],
};

test("the depth multiplier widens V1's depthwise convolutions only", () => {
  const graph = checkGraph(buildGraph("mobilenet_v1", { depthMultiplier: 2 }));
  assert.deepEqual(node(graph, "conv_dw_3").shape, [1, 56, 56, 256]);
  assert.deepEqual(node(graph, "conv_pw_3").shape, [1, 56, 56, 128]);
});

test("stride 2 pads as its flavour does: Keras by the size's parity, torchvision, timm and the article symmetrically", () => {
  const padding = (options: ModelOptions) => {
    const graph = buildGraph("mobilenet_v2", options);
    const pad = has(graph, "block_1_pad") ? node(graph, "block_1_pad") : node(graph, "block_1_depthwise");
    return (pad.attrs as { padding: unknown }).padding;
  };
  const symmetric = { top: 1, bottom: 1, left: 1, right: 1 };
  // The stem halves the picture: 224 -> 112 is even, 225 -> 113 odd.
  assert.deepEqual(padding({}), { top: 0, bottom: 1, left: 0, right: 1 });
  assert.deepEqual(padding({ inputShape: [225, 224, 3] }), { top: 1, bottom: 1, left: 0, right: 1 });
  assert.deepEqual(padding({ flavor: "torchvision" }), symmetric);
  assert.deepEqual(padding({ flavor: "timm" }), symmetric);
  assert.deepEqual(padding({ flavor: "article" }), symmetric);
  assert.deepEqual(correctPad(112, 113, 5), { top: 1, bottom: 2, left: 2, right: 2 });
});

test("the published V3 leaves out the first block's expansion, the article keeps it", () => {
  const published = buildGraph("mobilenet_v3_small");
  assert.equal(node(published, "expanded_conv_depthwise_pad").inputs[0], published.nodes[3].name);
  assert.ok(!has(published, "expanded_conv_expand"));
  const article = buildGraph("mobilenet_v3_small", { flavor: "article" });
  assert.equal(node(article, "conv2d_1").inputs[0], "activation");
  assert.equal(node(article, "depthwise_conv2d").inputs[0], "activation_1");
});

test("batch norms have the constants of their flavour", () => {
  const constants = (network: NetworkName, flavor: Flavor) => {
    const graph = buildGraph(network, { flavor });
    const norms = graph.nodes
      .filter(({ op }) => op === "batch_normalization")
      .map(({ attrs }) => JSON.stringify(attrs));
    assert.equal(new Set(norms).size, 1);
    return JSON.parse(norms[0]);
  };
  assert.deepEqual(constants("mobilenet_v1", "keras"), { epsilon: 1e-3, momentum: 0.99 });
  assert.deepEqual(constants("mobilenet_v1", "article"), { epsilon: 1e-3, momentum: 0.99 });
  assert.deepEqual(constants("mobilenet_v2", "keras"), { epsilon: 1e-3, momentum: 0.999 });
  assert.deepEqual(constants("mobilenet_v2", "article"), { epsilon: 1e-3, momentum: 0.999 });
  assert.deepEqual(constants("mobilenet_v3_small", "keras"), { epsilon: 1e-3, momentum: 0.999 });
  assert.deepEqual(constants("mobilenet_v3_small", "article"), { epsilon: 1e-3, momentum: 0.99 });
  // Keras' `momentum` is the share of the old statistics, torch's that of the new ones: 0.1 and 0.01.
  const torch = { epsilon: 1e-5, momentum: 0.9, unbiased: true };
  assert.deepEqual(constants("mobilenet_v2", "torchvision"), torch);
  assert.deepEqual(constants("mobilenet_v3_large", "torchvision"), { ...torch, epsilon: 1e-3, momentum: 0.99 });
  for (const network of networkNames) assert.deepEqual(constants(network, "timm"), torch, network);
});

test("timm keeps V3's stem up to alpha 0.75, its hidden layer at any, and scales its last convolution by the table", () => {
  const channels = (alpha: number, name: string) =>
    node(buildGraph("mobilenet_v3_small", { flavor: "timm", alpha }), name).shape[3];
  assert.deepEqual(
    [0.35, 0.5, 0.75, 1.5].map((alpha) => channels(alpha, "conv")),
    [16, 16, 16, 24],
  );
  // 0.35 * 576 = 201.6 rounds to 200; six times the last block's 32 would be 192.
  assert.deepEqual(
    [0.35, 0.5].map((alpha) => channels(alpha, "conv_1")),
    [200, 288],
  );
  assert.deepEqual(
    [0.5, 1.5].map((alpha) => channels(alpha, "conv_2")),
    [1024, 1024],
  );
});

test("dropout stands where it is published, and nowhere else", () => {
  const rates = (network: NetworkName, options: ModelOptions) =>
    buildGraph(network, options).nodes.flatMap(({ op, attrs }) =>
      op === "dropout" ? [(attrs as { rate: number }).rate] : [],
    );
  assert.deepEqual(rates("mobilenet_v1", {}), [1e-3]);
  assert.deepEqual(rates("mobilenet_v1", { flavor: "article", dropout: 0.5 }), [0.5]);
  assert.deepEqual(rates("mobilenet_v2", {}), []);
  assert.deepEqual(rates("mobilenet_v2", { flavor: "torchvision" }), [0.2]);
  assert.deepEqual(rates("mobilenet_v3_large", {}), [0.2]);
  assert.deepEqual(rates("mobilenet_v3_large", { dropout: 0 }), []);
  assert.deepEqual(rates("mobilenet_v3_small", { flavor: "article" }), []);
  for (const network of networkNames) assert.deepEqual(rates(network, { flavor: "timm" }), [], network);
});

test("pictures are normalised as the weights of the flavour were trained", () => {
  const statistics = (network: NetworkName, options: ModelOptions) => {
    const { mean, std, channels } = preprocessingOf(optionsOf(network, options));
    return { mean, std, channels };
  };
  assert.deepEqual(statistics("mobilenet_v1", {}), {
    mean: [127.5, 127.5, 127.5],
    std: [127.5, 127.5, 127.5],
    channels: 3,
  });
  // The network's own Rescaling layer takes 0..255 ...
  assert.deepEqual(statistics("mobilenet_v3_small", {}), { mean: [0, 0, 0], std: [1, 1, 1], channels: 3 });
  assert.equal(buildGraph("mobilenet_v3_small").nodes[0].op, "rescaling");
  // ... unless it is left out.
  const bare = { includePreprocessing: false };
  assert.deepEqual(statistics("mobilenet_v3_small", bare).mean, [127.5, 127.5, 127.5]);
  assert.equal(buildGraph("mobilenet_v3_small", bare).nodes[0].op, "conv2d");
  const torch = statistics("mobilenet_v2", { flavor: "torchvision" });
  assert.deepEqual(
    torch.mean.map((m) => m / 255),
    [0.485, 0.456, 0.406],
  );
  assert.deepEqual(
    torch.std.map((s) => Number((s / 255).toFixed(6))),
    [0.229, 0.224, 0.225],
  );
  assert.deepEqual(statistics("mobilenet_v3_small", { flavor: "timm" }), torch);
  assert.deepEqual(statistics("mobilenet_v1", { inputShape: [32, 32, 1] }), {
    mean: [127.5],
    std: [127.5],
    channels: 1,
  });
});

test("channel counts are rounded to multiples of 8, never more than a tenth down", () => {
  // Values of `_make_divisible` computed by hand.
  const cases: [channels: number, rounded: number][] = [
    [1, 8],
    [11, 16],
    [12, 16],
    [16, 16],
    [20, 24],
    [33.6, 32],
    [44.8, 48],
    [91.2, 88],
    [1792, 1792],
  ];
  for (const [channels, rounded] of cases) assert.equal(makeDivisible(channels), rounded, String(channels));
});
