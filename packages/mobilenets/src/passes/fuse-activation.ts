import type { Activation } from "../graph/activations.ts";
import type { Node, Program } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { dense } from "../graph/ops/dense.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { is } from "../graph/ops.ts";
import { rewrite, typedAs, usesOf } from "./uses.ts";

/** Activations that kernels apply before they store; softmax needs whole rows, sigmoid is rare. */
const fusible: readonly Activation[] = ["relu", "relu6", "hard_swish", "hard_sigmoid"];

/** An activation right after a convolution or dense layer becomes the layer's own. */
export function fuseActivation({ graph, weights }: Program): Program {
  const uses = usesOf(graph);
  const replaced = new Map<string, Node | null>();
  const renamed = new Map<string, string>();
  for (const layer of graph.nodes) {
    if (!(is(layer, conv2d) || is(layer, depthwiseConv2d) || is(layer, dense))) continue;
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
