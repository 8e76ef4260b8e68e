import assert from "node:assert/strict";
import { test } from "node:test";
import { conv, depthwise, graphOf } from "../../../../test/support/graph-of.ts";
import { opsOf, transformed, untransformed } from "../../../../test/support/pass.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import { activation } from "../graph/ops/activation.ts";
import { add } from "../graph/ops/add.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { fuseActivation } from "./fuse-activation.ts";
import { fuseResidual } from "./fuse-residual.ts";

const relu = (b: GraphBuilder, x: string, name: string) => b.add(activation, name, [x], { activation: "relu" });
const convolved = (b: GraphBuilder, x: string, name: string, useBias = true) =>
  b.add(conv2d, name, [x], conv(3, { kernelSize: [3, 3], padding: "same", useBias }));

test("a sum goes into the convolution before it, whichever side that is on", async () => {
  for (const useBias of [false, true]) {
    for (const swap of [false, true]) {
      const graph = graphOf([4, 3, 3], (b) => {
        const sides = [convolved(b, b.input, "conv", useBias), relu(b, b.input, "x")];
        // The other term is computed first.
        return b.add(add, "sum", swap ? sides.reverse() : sides, {});
      });
      const ordered = { ...graph, nodes: [graph.nodes[1], graph.nodes[0], graph.nodes[2]] };
      const result = await transformed(fuseResidual, ordered);
      assert.equal(opsOf(result.graph), "activation conv2d");
      const { inputs, attrs } = result.graph.nodes[1];
      assert.deepEqual(inputs, ["input", "conv/kernel", ...(useBias ? ["conv/bias"] : []), "x"]);
      assert.equal("residual" in attrs && attrs.residual, true);
    }
  }
});

test("the picture itself can be the other summand", async () => {
  const graph = graphOf([4, 3, 3], (b) => b.add(add, "sum", [b.input, convolved(b, b.input, "conv")], {}));
  assert.equal(opsOf((await transformed(fuseResidual, graph)).graph), "conv2d");
});

test("of two convolutions summed the later takes the earlier", async () => {
  const graph = graphOf([4, 3, 3], (b) =>
    b.add(add, "sum", [convolved(b, b.input, "early"), convolved(b, b.input, "late")], {}),
  );
  const { nodes } = (await transformed(fuseResidual, graph)).graph;
  assert.deepEqual(
    nodes.map(({ inputs }) => inputs.at(-1)),
    ["early/bias", "early"],
  );
});

test("a chain of sums, each the next one's summand", async () => {
  const graph = graphOf([4, 3, 3], (b) => {
    const first = b.add(add, "sum1", [b.input, convolved(b, b.input, "conv1")], {});
    const second = b.add(add, "sum2", [first, convolved(b, first, "conv2")], {});
    return b.add(add, "sum3", [convolved(b, second, "conv3"), second], {});
  });
  const { nodes } = (await transformed(fuseResidual, graph)).graph;
  assert.deepEqual(
    nodes.map(({ inputs }) => [inputs[0], inputs.at(-1)]),
    [
      ["input", "input"],
      ["conv1", "conv1"],
      ["conv2", "conv2"],
    ],
  );
});

test("an activation after the sum can then go in as well", async () => {
  const graph = graphOf([4, 3, 3], (b) =>
    relu(b, b.add(add, "sum", [b.input, convolved(b, b.input, "conv")], {}), "y"),
  );
  const result = await transformed((program) => fuseActivation(fuseResidual(program)), graph);
  assert.equal(opsOf(result.graph), "conv2d");
});

test("a sum stays where it cannot go in", async () => {
  const graphs = {
    "the other summand comes later": graphOf([4, 3, 3], (b) => {
      const x = convolved(b, b.input, "conv");
      return b.add(add, "sum", [x, relu(b, b.input, "later")], {});
    }),
    "an activation inside": graphOf([4, 3, 3], (b) => {
      const x = b.add(conv2d, "conv", [b.input], conv(3, { activation: "relu" }));
      return b.add(add, "sum", [x, b.input], {});
    }),
    "the convolution is an output": graphOf([4, 3, 3], (b) => {
      const x = convolved(b, b.input, "conv");
      return [x, b.add(add, "sum", [x, b.input], {})];
    }),
    "the convolution has another reader": graphOf([4, 3, 3], (b) => {
      const x = convolved(b, b.input, "conv");
      return [relu(b, x, "other"), b.add(add, "sum", [x, b.input], {})];
    }),
    "the convolution twice": graphOf([4, 3, 3], (b) => {
      const x = convolved(b, b.input, "conv");
      return b.add(add, "sum", [x, x], {});
    }),
    "no convolution": graphOf([4, 3, 3], (b) => {
      const x = b.add(depthwiseConv2d, "dw", [b.input], depthwise());
      return b.add(add, "sum", [x, b.input], {});
    }),
  };
  for (const graph of Object.values(graphs)) await untransformed(fuseResidual, graph);
});
