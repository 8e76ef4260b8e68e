import assert from "node:assert/strict";
import { test } from "node:test";
import { conv, graphOf } from "../../../../test/support/graph-of.ts";
import { opsOf, transformed, untransformed } from "../../../../test/support/pass.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Program } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { multiply } from "../graph/ops/multiply.ts";
import { rescaling } from "../graph/ops/rescaling.ts";
import { gatherHardActivations } from "./gather-hard-activations.ts";

const pass = ({ graph, weights }: Program): Program => ({ graph: gatherHardActivations(graph), weights });

interface Pieces {
  readonly plus?: number;
  readonly clamp?: "relu6" | "relu";
  readonly times?: number;
}

/** `relu6(x + 3) * (1 / 6)`, or a variation. */
function pieces(b: GraphBuilder, x: string, { plus = 3, clamp = "relu6", times = 1 / 6 }: Pieces = {}): string {
  x = b.add(rescaling, "plus", [x], { scale: 1, offset: plus });
  x = b.add(activation, "clamp", [x], { activation: clamp });
  return b.add(rescaling, "times", [x], { scale: times, offset: 0 });
}

const convolved = (b: GraphBuilder) => b.add(conv2d, "conv", [b.input], conv(4));

test("the pieces of a hard sigmoid become one, which bears the last one's name", async () => {
  for (const times of [1 / 6, Math.fround(1 / 6)]) {
    const result = await transformed(
      pass,
      graphOf([3, 3, 2], (b) => pieces(b, convolved(b), { times })),
    );
    assert.equal(opsOf(result.graph), "conv2d activation");
    const { name, inputs, attrs } = result.graph.nodes[1];
    assert.deepEqual([name, inputs, attrs], ["times", ["conv"], { activation: "hard_sigmoid" }]);
  }
});

test("a map times its own hard sigmoid becomes a hard swish, whichever factor comes first", async () => {
  for (const reversed of [false, true]) {
    const graph = graphOf([3, 3, 2], (b) => {
      const factors = [convolved(b), pieces(b, "conv")];
      return b.add(multiply, "product", reversed ? factors.reverse() : factors, {});
    });
    const result = await transformed(pass, graph);
    assert.equal(opsOf(result.graph), "conv2d activation");
    const { name, inputs, attrs } = result.graph.nodes[1];
    assert.deepEqual([name, inputs, attrs], ["product", ["conv"], { activation: "hard_swish" }]);
  }
});

test("a hard sigmoid that gates another map stays a gate", async () => {
  const graph = graphOf([3, 3, 2], (b) => {
    const other = b.add(conv2d, "other", [b.input], conv(4));
    return b.add(multiply, "product", [other, pieces(b, convolved(b))], {});
  });
  const result = await transformed(pass, graph);
  assert.equal(opsOf(result.graph), "conv2d conv2d activation multiply");
});

test("leaves alone what is not quite one, or is needed in pieces", async () => {
  const graphs = {
    "another term": graphOf([3, 3, 2], (b) => pieces(b, convolved(b), { plus: 2.5 })),
    "no clamp at 6": graphOf([3, 3, 2], (b) => pieces(b, convolved(b), { clamp: "relu" })),
    "another factor": graphOf([3, 3, 2], (b) => pieces(b, convolved(b), { times: 0.2 })),
    "a piece is an output": graphOf([3, 3, 2], (b) => [pieces(b, convolved(b)), "clamp"]),
    "a piece has two readers": graphOf([3, 3, 2], (b) => b.add(multiply, "m", [pieces(b, convolved(b)), "plus"], {})),
  };
  for (const graph of Object.values(graphs)) await untransformed(pass, graph);
});
