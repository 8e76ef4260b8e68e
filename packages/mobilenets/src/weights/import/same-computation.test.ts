import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphBuilder } from "../../graph/builder.ts";
import type { Node, Program } from "../../graph/graph.ts";
import { initialise } from "../../models/initialise.ts";
import { layers } from "../../models/layers.ts";
import { buildGraph } from "../../models/networks.ts";
import { foldBatchNorm } from "../../passes/fold-batch-norm.ts";
import { optimise } from "../../passes/optimise.ts";
import { tensor } from "../../tensor.ts";
import { sameComputation } from "./same-computation.ts";

const graph = buildGraph("mobilenet_v3_small", { alpha: 0.25, inputShape: [40, 32, 3], classes: 6 });
const program: Program = { graph, weights: initialise(graph, 2) };

/** The program with other names for all values except the input. */
function renamed({ graph, weights }: Program): Program {
  const rename = (name: string) => (name === graph.input.name ? name : `other/${name}`);
  const keys = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [rename(name), value]));
  return {
    graph: {
      ...graph,
      params: keys(graph.params),
      nodes: graph.nodes.map((node) => ({ ...node, name: rename(node.name), inputs: node.inputs.map(rename) })),
      outputs: graph.outputs.map(rename),
    },
    weights: keys(weights),
  };
}

function edited(name: string, edit: (node: Node) => Node): Program {
  assert.ok(graph.nodes.some((node) => node.name === name));
  return { ...program, graph: { ...graph, nodes: graph.nodes.map((n) => (n.name === name ? edit(n) : n)) } };
}

test("names, batch norms folded or not, and the order of a sum's and a product's inputs do not count", () => {
  assert.ok(sameComputation(program, program));
  assert.ok(sameComputation(program, renamed(program)));
  assert.ok(sameComputation(program, renamed(foldBatchNorm(program))));
  assert.ok(sameComputation(program, optimise(program)));
  const swapped = edited("expanded_conv_2_add", (node) => ({ ...node, inputs: [...node.inputs].reverse() }));
  assert.ok(sameComputation(program, swapped));
});

test("a dense layer is a convolution of one pixel, a vector a map of one pixel, an equal padding equal", () => {
  const head = (dense: boolean): Program => {
    const b = new GraphBuilder("head", [8, 8, 3]);
    const l = layers(b);
    const padding = dense ? ("same" as const) : { top: 0, bottom: 1, left: 0, right: 1 };
    const pooled = l.averagePool(l.depthwise(b.input, { name: "d", stride: 2, padding }), !dense, "p");
    const y = dense ? l.dense(pooled, 4, "linear", "c") : l.flatten(l.conv(pooled, 4, { name: "c", useBias: true }));
    const graph = b.build(y);
    return { graph, weights: initialise(graph, 1) };
  };
  assert.ok(sameComputation(head(true), head(false)));
  assert.ok(sameComputation(head(false), head(true)));
});

test("every difference in what is computed counts", () => {
  const attrs = (extra: object) => (node: Node) => ({ ...node, attrs: { ...node.attrs, ...extra } });
  const differences: readonly (readonly [string, Program])[] = [
    ["an activation", edited("re_lu", attrs({ activation: "relu6" }))],
    ["the last activation", edited("predictions", attrs({ activation: "sigmoid" }))],
    ["padding", edited("expanded_conv_1_depthwise_pad", attrs({ padding: { top: 1, bottom: 0, left: 1, right: 0 } }))],
    ["an epsilon", edited("conv_bn", attrs({ epsilon: 1e-1 }))],
    ["a rescaling", edited("rescaling", attrs({ offset: 0 }))],
    ["a pooling", edited("global_average_pooling2d", (node) => ({ ...node, op: "global_max_pooling2d" }))],
    [
      "a residual from another place",
      edited("expanded_conv_5_add", ({ inputs: [, x], ...node }) => ({ ...node, inputs: [x, x] })),
    ],
    ["a sum that is a product", edited("expanded_conv_2_add", (node) => ({ ...node, op: "multiply" }))],
    ["a weight", { graph, weights: { ...program.weights, "conv/kernel": nudged("conv/kernel") } }],
    ["the result", { graph: { ...graph, outputs: ["flatten"] }, weights: program.weights }],
    [
      "the picture",
      renamed({ graph: { ...graph, input: { ...graph.input, shape: [1, 40, 48, 3] } }, weights: program.weights }),
    ],
  ];
  for (const [what, other] of differences) assert.ok(!sameComputation(program, other), what);
});

test("weights of equal shape must not change places", () => {
  const [a, b] = ["expanded_conv_4_project", "expanded_conv_5_project"].map((name) => `${name}/kernel`);
  assert.deepEqual(program.weights[a].shape, program.weights[b].shape);
  const weights = { ...program.weights, [a]: program.weights[b], [b]: program.weights[a] };
  assert.ok(!sameComputation(program, { graph, weights }));
});

function nudged(name: string) {
  const { shape, data } = program.weights[name];
  return tensor(
    shape,
    data.map((x, i) => (i === 5 ? x + 1e-3 : x)),
  );
}
