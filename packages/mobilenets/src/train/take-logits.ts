import { OptionError } from "../errors.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { logSoftmax } from "../graph/ops/log_softmax.ts";
import { reshape } from "../graph/ops/reshape.ts";
import { is } from "../graph/ops.ts";
import { rewrite } from "../passes/uses.ts";
import { formatShape } from "../tensor.ts";

/**
 * The network up to its logits, without a softmax, log_softmax or sigmoid layer at its end, which is part of the loss.
 * @throws OptionError unless the network gives one row of numbers per picture
 */
export function takeLogits(graph: Graph): Graph {
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const last = graph.outputs.length === 1 ? nodes.get(graph.outputs[0]) : undefined;
  if (!last || last.shape.slice(1, -1).some((n) => n !== 1)) {
    throw new OptionError({
      where: graph.name,
      found: last ? `results of shape ${formatShape(last.shape)}` : `${graph.outputs.length} outputs`,
      expected: "one of shape [n,classes]",
      hint: "build the network with a classifier, or with pooling",
    });
  }
  let end: Node | undefined = last;
  while (end && is(end, reshape)) end = nodes.get(end.inputs[0]);
  const bends = end && is(end, activation) && /^(softmax|sigmoid)$/.test(end.attrs.activation);
  if (!end || !(bends || end.op === logSoftmax.name)) return graph;
  return rewrite(graph, new Map([[end.name, null]]), new Map([[end.name, end.inputs[0]]]));
}
