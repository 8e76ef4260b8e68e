import type { Graph, Node, ParamSpec } from "../graph/graph.ts";
import { dropout } from "../graph/ops/dropout.ts";
import { multiply } from "../graph/ops/multiply.ts";
import { is } from "../graph/ops.ts";
import { rewrite } from "../passes/uses.ts";
import type { Shape } from "../tensor.ts";

/** A parameter filled anew at each step: 0 for the share `rate` of its numbers, 1 / (1 - rate) for the others. */
export interface Mask {
  readonly name: string;
  readonly shape: Shape;
  readonly rate: number;
}

/** Turns dropout into a product with a mask, which each step feeds. A dropout of rate 0 is removed. */
export function maskDropout(graph: Graph): { graph: Graph; masks: readonly Mask[] } {
  const masks: Mask[] = [];
  const replaced = new Map<string, Node | null>();
  const renamed = new Map<string, string>();
  const params: Record<string, ParamSpec> = { ...graph.params };
  for (const node of graph.nodes) {
    if (!is(node, dropout)) continue;
    const { name, inputs, shape } = node;
    const { rate } = node.attrs;
    if (rate === 0) {
      replaced.set(name, null);
      renamed.set(name, inputs[0]);
      continue;
    }
    const mask = `${name}/mask`;
    masks.push({ name: mask, shape, rate });
    params[mask] = { shape, trainable: false, init: "ones" };
    replaced.set(name, { name, op: multiply.name, inputs: [inputs[0], mask], attrs: {}, shape });
  }
  return { graph: { ...rewrite(graph, replaced, renamed), params }, masks };
}
