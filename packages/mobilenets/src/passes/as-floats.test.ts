import assert from "node:assert/strict";
import { test } from "node:test";
import { batchNorm, conv, graphOf } from "../../../../test/support/graph-of.ts";
import { randomProgram } from "../../../../test/support/random-program.ts";
import type { Graph, Node, Program } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { add } from "../graph/ops/add.ts";
import { batchNormalization } from "../graph/ops/batch_normalization.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { formatType } from "../graph/print.ts";
import { asFloats } from "./as-floats.ts";
import { foldBatchNorm } from "./fold-batch-norm.ts";
import { fuseActivation } from "./fuse-activation.ts";
import { fuseResidual } from "./fuse-residual.ts";
import type { Pass } from "./optimise.ts";
import { splitActivation } from "./split-activation.ts";

/** A program whose layers all give int8, the n-th with a scale of n. */
function typed(graph: Graph): Program {
  const nodes = graph.nodes.map((node, i) => ({
    ...node,
    dtype: "int8" as const,
    quantization: { scales: [i + 1], zeroPoints: [0] },
  }));
  return { graph: { ...graph, nodes }, weights: randomProgram(graph, 1).weights };
}

const typesOf = ({ nodes }: Graph) => nodes.map((node: Node) => `${node.name} ${formatType(node)}`);

test("a node that takes another's place gives what that one gave", () => {
  const inputs: readonly (readonly [Pass, Graph, readonly string[]])[] = [
    [
      foldBatchNorm,
      graphOf([1, 1, 2], (b) => b.add(batchNormalization, "norm", [b.add(conv2d, "c", [b.input], conv(2))], batchNorm)),
      ["c int8[1,1,1,2] 2:0"],
    ],
    [
      fuseActivation,
      graphOf([1, 1, 2], (b) =>
        b.add(activation, "relu", [b.add(conv2d, "c", [b.input], conv(2))], { activation: "relu" }),
      ),
      ["c int8[1,1,1,2] 2:0"],
    ],
    [
      fuseResidual,
      graphOf([1, 1, 2], (b) => b.add(add, "sum", [b.input, b.add(conv2d, "c", [b.input], conv(2))], {})),
      ["c int8[1,1,1,2] 2:0"],
    ],
    [
      splitActivation,
      graphOf([1, 1, 2], (b) => b.add(conv2d, "c", [b.input], conv(2, { activation: "sigmoid" }))),
      ["c/linear [1,1,1,2]", "c int8[1,1,1,2] 1:0"],
    ],
  ];
  for (const [pass, graph, expected] of inputs) assert.deepEqual(typesOf(pass(typed(graph)).graph), expected);
});

test("as floats, values have no type and parameters keep theirs", () => {
  const graph = graphOf([1, 1, 2], (b) => b.add(conv2d, "c", [b.input], conv(2)));
  const program = typed(graph);
  const quantization = { scales: [1], zeroPoints: [0] };
  const whole = { ...program.graph, input: { ...graph.input, dtype: "uint8" as const, quantization } };
  assert.deepEqual(asFloats({ graph: whole, weights: {} }).graph, graph);
});
