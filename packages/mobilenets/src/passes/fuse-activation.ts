import type { Activation } from "../graph/activations.ts";
import type { Node, Program } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { is, isWeighted } from "../graph/ops.ts";
import { rewrite, typedAs, usesOf } from "./uses.ts";

/** Activations that kernels apply before they store; softmax needs whole rows, sigmoid is rare. */
const fusible: readonly Activation[] = ["relu", "relu6", "hard_swish", "hard_sigmoid"];

/** Fuses an activation directly after a convolution or dense layer into the layer. */
export function fuseActivation({ graph, weights }: Program): Program {
  const uses = usesOf(graph);
  const replaced = new Map<string, Node | null>();
  const renamed = new Map<string, string>();
  for (const layer of graph.nodes) {
    if (!isWeighted(layer)) continue;
    if (layer.attrs.activation !== "linear") continue;
    const next = uses.soleReader(layer.name);
    if (!next || !is(next, activation) || !fusible.includes(next.attrs.activation)) continue;
    replaced.set(layer.name, {
      ...typedAs(layer, next),
      attrs: { ...layer.attrs, activation: next.attrs.activation },
    });
    replaced.set(next.name, null);
    renamed.set(next.name, layer.name);
  }
  return { graph: rewrite(graph, replaced, renamed), weights };
}
