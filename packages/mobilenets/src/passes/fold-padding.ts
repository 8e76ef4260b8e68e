import type { Node, Program } from "../graph/graph.ts";
import { zeroPadding2d } from "../graph/ops/zero_padding2d.ts";
import { is, isConvolution } from "../graph/ops.ts";
import { type ExplicitPadding, noPadding } from "../graph/window.ts";
import { rewrite, usesOf } from "./uses.ts";

/** Folds a ZeroPadding2D into the next convolution, if that has no padding or explicit padding. */
export function foldPadding({ graph, weights }: Program): Program {
  const uses = usesOf(graph);
  const replaced = new Map<string, Node | null>();
  const renamed = new Map<string, string>();
  for (const pad of graph.nodes) {
    if (!is(pad, zeroPadding2d)) continue;
    const conv = uses.soleReader(pad.name);
    if (!conv || !isConvolution(conv) || conv.inputs[0] !== pad.name) continue;
    if (conv.attrs.padding === "same" || "residual" in conv.attrs) continue;
    const own = conv.attrs.padding === "valid" ? noPadding : conv.attrs.padding;
    const padding = sum(own, pad.attrs.padding);
    replaced.set(pad.name, null);
    renamed.set(pad.name, pad.inputs[0]);
    replaced.set(conv.name, { ...conv, attrs: { ...conv.attrs, padding } });
  }
  return { graph: rewrite(graph, replaced, renamed), weights };
}

function sum(a: ExplicitPadding, b: ExplicitPadding): ExplicitPadding {
  return { top: a.top + b.top, bottom: a.bottom + b.bottom, left: a.left + b.left, right: a.right + b.right };
}
