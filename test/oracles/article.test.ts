import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Program } from "../../packages/mobilenets/src/graph/graph.ts";
import { subgraph } from "../../packages/mobilenets/src/graph/subgraph.ts";
import { buildGraph } from "../../packages/mobilenets/src/models/networks.ts";
import type { Tensor } from "../../packages/mobilenets/src/tensor.ts";
import { matchWeights } from "../../packages/mobilenets/src/weights/match/match.ts";
import { articleV1, articleV2, articleV3Small } from "./article-networks.ts";
import { assertClose, largestMagnitude } from "./compare.ts";
import { candidates } from "./engines.ts";
import { pictures, randomise, run } from "./tfjs.ts";

const networks = [
  {
    name: "mobilenet_v1",
    oracle: articleV1,
    params: 4_253_864,
    gain: 2,
    some: ["conv_dw_3", "conv_pw_6_bn", "conv_dw_12_relu", "conv_pw_13_relu", "reshape_2"],
  },
  {
    name: "mobilenet_v2",
    oracle: articleV2,
    params: 3_538_984,
    gain: 1.2,
    some: ["Conv1_relu", "block_2_add", "block_6_depthwise", "block_13_expand_relu", "block_14_project_BN"],
  },
  {
    name: "mobilenet_v3_small",
    oracle: articleV3Small,
    params: 2_555_742,
    gain: 4 / 3,
    some: ["depthwise_conv2d_2", "multiply_3", "dense_7", "activation_20", "add_5", "reshape_10"],
  },
] as const;

/** Even throughout, not square, and odd: the paddings of each differ. */
const sizes = [
  [32, 32, 3],
  [64, 96, 3],
  [97, 65, 3],
] as const;

for (const { name, oracle, params, gain, some } of networks) {
  for (const inputShape of sizes) {
    test(`${name} of the article at ${inputShape.join("x")}`, async (t) => {
      const model = oracle(inputShape);
      assert.equal(model.countParams(), params);
      const random = randomise(model, 1, gain);
      const input = pictures(2, inputShape, 2);
      const layers = model.layers.slice(1).map((layer) => layer.name);
      const expected = run(model, input, layers);

      const graph = buildGraph(name, { flavor: "article", inputShape });
      assert.deepEqual(graph.nodes.map((node) => node.name).sort(), layers.toSorted());
      const program = { graph, weights: matchWeights(graph, random, "the oracle") };
      const views = { "every layer": layers, "some layers": some, "the output alone": graph.outputs };
      assertUseful(expected.get(graph.outputs[0]) as Tensor);
      for (const [view, names] of Object.entries(views)) await compare(t, view, program, input, names, expected);
    });
  }

  test(`${name} of the article: logits`, async (t) => {
    const inputShape = sizes[0];
    const model = oracle(inputShape, "linear");
    const graph = buildGraph(name, { flavor: "article", inputShape, classifierActivation: null });
    const program = { graph, weights: matchWeights(graph, randomise(model, 3, gain), "the oracle") };
    const input = pictures(2, inputShape, 4);
    await compare(t, "the output alone", program, input, graph.outputs, run(model, input, graph.outputs));
  });
}

/** Compares named values of a program in one run, on every engine. Engines fuse what nobody asks for, so views differ. */
async function compare(
  t: TestContext,
  view: string,
  { graph, weights }: Program,
  input: Tensor,
  names: readonly string[],
  expected: ReadonlyMap<string, Tensor>,
): Promise<void> {
  for (const { label, engine, tolerance } of candidates) {
    await t.test(`${label}, ${view}`, async () => {
      const executable = await engine.compile({ graph: subgraph(graph, names), weights });
      const outputs = await executable.run(input);
      executable.dispose();
      assert.equal(outputs.length, names.length);
      outputs.forEach((output, i) => {
        assertClose(output, expected.get(names[i]) as Tensor, tolerance, names[i]);
      });
    });
  }
}

/** Probabilities that are one-hot, or the same for any picture, would agree whatever the engine does. */
function assertUseful({ data, shape: [, classes] }: Tensor): void {
  const [first, second] = [data.subarray(0, classes), data.subarray(classes)];
  assert.ok(Math.max(...data) < 0.5, `a probability of ${Math.max(...data)}`);
  const difference = Math.max(...first.map((p, i) => Math.abs(p - second[i])));
  const share = difference / largestMagnitude({ data, shape: [] });
  assert.ok(share > 1e-3, `two pictures differ by ${share} of the largest probability`);
}
