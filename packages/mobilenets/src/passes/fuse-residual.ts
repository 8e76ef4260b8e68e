import type { Node, Program } from "../graph/graph.ts";
import { add } from "../graph/ops/add.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { is } from "../graph/ops.ts";
import { rewrite, typedAs, usesOf } from "./uses.ts";

/** Fuses the Add at the end of an inverted residual into the projection before it. */
export function fuseResidual({ graph, weights }: Program): Program {
  const uses = usesOf(graph);
  const order = new Map(graph.nodes.map((node, i) => [node.name, i]));
  const replaced = new Map<string, Node | null>();
  const renamed = new Map<string, string>();
  for (const conv of graph.nodes) {
    if (!is(conv, conv2d) || conv.attrs.activation !== "linear" || conv.attrs.residual) continue;
    const sum = uses.soleReader(conv.name);
    if (!sum || !is(sum, add)) continue;
    const other = sum.inputs[0] === conv.name ? sum.inputs[1] : sum.inputs[0];
    // The other term must exist when the convolution runs.
    if (other === conv.name || (order.get(other) ?? -1) > (order.get(conv.name) as number)) continue;
    const attrs = { ...conv.attrs, residual: true };
    replaced.set(conv.name, { ...typedAs(conv, sum), inputs: [...conv.inputs, other], attrs });
    replaced.set(sum.name, null);
    renamed.set(sum.name, conv.name);
  }
  return { graph: rewrite(graph, replaced, renamed), weights };
}
