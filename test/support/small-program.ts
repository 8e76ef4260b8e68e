import { GraphBuilder } from "../../packages/mobilenets/src/graph/builder.ts";
import type { Program } from "../../packages/mobilenets/src/graph/graph.ts";
import { layers } from "../../packages/mobilenets/src/models/layers.ts";
import { seededWeights } from "../oracles/seeded.ts";

/** A program of a few kilobytes with every op of the four networks, for tests of file formats. */
export function smallProgram(): Program {
  const b = new GraphBuilder("small", [9, 8, 3], "picture");
  const l = layers(b);
  const norm = { epsilon: 1e-3, momentum: 0.99 };
  let x = l.rescaling(b.input, 1 / 127.5, -1, "scaled");
  x = l.conv(x, 8, { name: "stem", kernel: 3, stride: 2 });
  x = l.activation(l.batchNorm(x, norm, "stem_norm"), "hard_swish", "stem_swish");
  let y = l.zeroPadding(x, { top: 0, bottom: 1, left: 0, right: 1 }, "padded");
  y = l.depthwise(y, { name: "deep", padding: "valid" });
  y = l.activation(l.batchNorm(y, norm, "deep_norm"), "relu6", "deep_relu6");
  const { top, bottom, left, right } = { top: 1, bottom: 2, left: 1, right: 2 };
  y = l.depthwise(y, { name: "wide", padding: { top, bottom, left, right }, useBias: true });
  let gate = l.conv(l.averagePool(y, true, "squeezed"), 4, { name: "reduce", useBias: true, activation: "relu" });
  gate = l.conv(gate, 8, { name: "excite", useBias: true });
  y = l.multiply(y, l.activation(gate, "hard_sigmoid", "gate"), "gated");
  y = l.batchNorm(l.conv(y, 8, { name: "project" }), norm, "project_norm");
  x = l.batchNorm(l.add(x, y, "sum"), norm, "free_norm");
  x = l.reshape(l.maxPool(x, false, "pooled"), [1, 1, 8], "pixel");
  x = l.flatten(l.dropout(x, 0.2, "dropped"), "flat");
  return programOf(b.build(l.dense(x, 5, "softmax", "classes")));
}

function programOf(graph: Program["graph"]): Program {
  return { graph, weights: seededWeights(graph, 3) };
}
