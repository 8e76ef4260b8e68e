import assert from "node:assert/strict";
import { test } from "node:test";
import type { Program } from "../../graph/graph.ts";
import { initialise } from "../../models/initialise.ts";
import { buildGraph, type NetworkName } from "../../models/networks.ts";
import type { ModelOptions } from "../../models/options.ts";
import { optimise } from "../../passes/optimise.ts";
import { GraphImport } from "./graph-import.ts";
import { nameNetwork } from "./name-network.ts";

const hints = { flavors: ["keras", "article", "torchvision"] } as const;

function network(name: NetworkName, options: ModelOptions): Program {
  const graph = buildGraph(name, { alpha: 0.25, inputShape: [40, 32, 3], classes: 6, ...options });
  return optimise({ graph, weights: initialise(graph, 2) });
}

/** A program with an additional op in front of its network. */
function behind(scale: number, offset: number, { graph, weights }: Program): Program {
  const { name, shape } = graph.input;
  const front = { name: "front", op: "rescaling", inputs: [name], attrs: { scale, offset }, shape };
  const nodes = graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map((i) => (i === name ? "front" : i)) }));
  return { graph: { ...graph, nodes: [front, ...nodes] }, weights };
}

test("finds the flavour that computes the same, not the first that has the weights", () => {
  // Keras pads V1's odd maps on one side, like even ones; the article pads as TensorFlow does.
  const odd = { inputShape: [45, 33, 3] } as const;
  for (const flavor of ["keras", "article"] as const) {
    const { network: found, options } = nameNetwork(network("mobilenet_v1", { ...odd, flavor }), hints, "f");
    assert.deepEqual([found, options?.flavor], ["mobilenet_v1", flavor]);
  }
});

test("a network that is not quite ours stays a graph", () => {
  const { graph, weights } = network("mobilenet_v2", {});
  const nodes = graph.nodes.map((node) =>
    node.name === "block_5_expand" ? { ...node, attrs: { ...node.attrs, activation: "relu" } } : node,
  );
  const file = nameNetwork({ graph: { ...graph, nodes }, weights }, hints, "f");
  assert.equal(file.network, undefined);
  assert.deepEqual(file.graph?.nodes, nodes);
  assert.equal(file.tensors, weights);
});

test("the picture's rescaling is V3's own, or goes into the preprocessing", () => {
  const ours = nameNetwork(network("mobilenet_v3_small", {}), hints, "f");
  assert.equal(ours.network, "mobilenet_v3_small");
  assert.equal(ours.options?.includePreprocessing, undefined);
  assert.deepEqual(ours.preprocessing, { mean: [0, 0, 0], std: [1, 1, 1] });

  const plain = network("mobilenet_v3_small", { includePreprocessing: false });
  assert.equal(nameNetwork(plain, hints, "f").options?.includePreprocessing, false);
  assert.equal(nameNetwork(plain, hints, "f").preprocessing, undefined);

  for (const program of [plain, network("mobilenet_v2", {})]) {
    // Maps 0..1 to -1..1.
    const half = nameNetwork(behind(2, -1, program), hints, "f");
    assert.ok(half.network);
    assert.deepEqual(half.preprocessing, { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] });
  }
});

test("with a quantised input's statistics, both come to one", () => {
  // (x - 100) / 50, then * 2 - 1.
  const statistics = { mean: [100, 100, 100], std: [50, 50, 50] };
  const file = nameNetwork(behind(2, -1, network("mobilenet_v2", {})), hints, "f", statistics);
  assert.equal(file.network, "mobilenet_v2");
  assert.deepEqual(file.preprocessing, { mean: [125, 125, 125], std: [25, 25, 25] });
});

test("a rescaling that says nothing of the pictures stays in the graph", () => {
  const file = nameNetwork(behind(0.3, 0.1, network("mobilenet_v2", {})), hints, "f");
  assert.equal(file.network, undefined);
  assert.equal(file.preprocessing, undefined);
});

test("a program without weights is none", () => {
  const graph = new GraphImport("g", "x", [32, 32, 3], "f");
  const program = graph.build(graph.activation("y", graph.input, "relu"));
  assert.equal(nameNetwork(program, hints, "f").network, undefined);
});
