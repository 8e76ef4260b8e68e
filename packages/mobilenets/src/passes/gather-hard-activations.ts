import type { Graph, Node } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { multiply } from "../graph/ops/multiply.ts";
import { rescaling } from "../graph/ops/rescaling.ts";
import { is } from "../graph/ops.ts";
import { rewrite, usesOf } from "./uses.ts";

/**
 * Recognises hard activations that a foreign file has in pieces: `relu6(x + 3) * (1 / 6)` is a hard sigmoid, and a map
 * times its own hard sigmoid is a hard swish. The node keeps the name of its last piece.
 */
export function gatherHardActivations(graph: Graph): Graph {
  return gatherHardSwish(gatherHardSigmoid(graph));
}

function gatherHardSigmoid(graph: Graph): Graph {
  const uses = usesOf(graph);
  const replaced = new Map<string, Node | null>();
  for (const first of graph.nodes) {
    if (!isRescaling(first, 1, 3)) continue;
    const clamp = uses.soleReader(first.name);
    if (!clamp || !is(clamp, activation) || clamp.attrs.activation !== "relu6") continue;
    const last = uses.soleReader(clamp.name);
    if (!last || !isRescaling(last, 1 / 6, 0)) continue;
    replaced.set(first.name, null);
    replaced.set(clamp.name, null);
    replaced.set(last.name, activate(last, first.inputs[0], "hard_sigmoid"));
  }
  return rewrite(graph, replaced);
}

function gatherHardSwish(graph: Graph): Graph {
  const uses = usesOf(graph);
  const replaced = new Map<string, Node | null>();
  for (const gate of graph.nodes) {
    if (!is(gate, activation) || gate.attrs.activation !== "hard_sigmoid") continue;
    const product = uses.soleReader(gate.name);
    if (!product || !is(product, multiply) || !product.inputs.includes(gate.inputs[0])) continue;
    replaced.set(gate.name, null);
    replaced.set(product.name, activate(product, gate.inputs[0], "hard_swish"));
  }
  return rewrite(graph, replaced);
}

/** Compares a file's constants, in which 1/6 may be rounded to single precision. */
function isRescaling(node: Node, scale: number, offset: number): boolean {
  return is(node, rescaling) && Math.abs(node.attrs.scale - scale) < 1e-7 && node.attrs.offset === offset;
}

function activate(node: Node, input: string, name: "hard_sigmoid" | "hard_swish"): Node {
  return { ...node, op: activation.name, inputs: [input], attrs: { activation: name } };
}
