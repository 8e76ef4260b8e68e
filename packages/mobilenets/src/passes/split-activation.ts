import type { Activation } from "../graph/activations.ts";
import type { Node, Program } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { isWeighted } from "../graph/ops.ts";
import { asFloat, typedAs } from "./uses.ts";

/** Splits a built-in softmax or sigmoid from its layer, because these have separate kernels. */
export function splitActivation(program: Program): Program {
  return splitActivations(program, ["softmax", "sigmoid"]);
}

/** Splits these built-in activations from their layers. */
export function splitActivations({ graph, weights }: Program, separate: readonly Activation[]): Program {
  const nodes = graph.nodes.flatMap((node): Node[] => {
    if (!isWeighted(node)) return [node];
    if (!separate.includes(node.attrs.activation)) return [node];
    const linear = `${node.name}/linear`;
    return [
      { ...asFloat(node), name: linear, attrs: { ...node.attrs, activation: "linear" } },
      typedAs(
        {
          name: node.name,
          op: activation.name,
          inputs: [linear],
          attrs: { activation: node.attrs.activation },
          shape: node.shape,
        },
        node,
      ),
    ];
  });
  return { graph: { ...graph, nodes }, weights };
}
