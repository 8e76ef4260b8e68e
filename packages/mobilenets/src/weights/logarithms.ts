import type { Graph, Node } from "../graph/graph.ts";
import { logSoftmax } from "../graph/ops/log_softmax.ts";
import { reshape } from "../graph/ops/reshape.ts";
import { unary } from "../graph/ops/unary.ts";
import { activationOf, is } from "../graph/ops.ts";

/** A note for a classifier whose answers are logarithms of probabilities, as PyTorch's heads for NLLLoss end. */
export function logarithmNote({ nodes, outputs }: Graph): string | undefined {
  const makerOf = (value: string): Node | undefined => {
    const maker = nodes.find(({ name }) => name === value);
    return maker && is(maker, reshape) ? makerOf(maker.inputs[0]) : maker;
  };
  const end = makerOf(outputs[0]);
  if (!end) return undefined;
  const before = is(end, unary) && end.attrs.function === "log" ? makerOf(end.inputs[0]) : undefined;
  if (end.op !== logSoftmax.name && (before && activationOf(before)) !== "softmax") return undefined;
  return "its answers are logarithms of probabilities, 0 at most: Math.exp makes probabilities of them";
}
