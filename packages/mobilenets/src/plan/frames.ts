import type { Graph, Node } from "../graph/graph.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { is } from "../graph/ops.ts";
import { shapesOf } from "../graph/summary.ts";
import { type ExplicitPadding, noPadding, windowGeometry } from "../graph/window.ts";
import { usesOf } from "../passes/uses.ts";
import { fastKernelFor } from "./lower/depthwise.ts";

/**
 * The zeros that values should have around them, because all that read them are windows that slide over the edge.
 * Values with other readers keep a plain layout; a window then copies.
 */
export function framesOf(graph: Graph): ReadonlyMap<string, ExplicitPadding> {
  const frames = new Map<string, ExplicitPadding>();
  const uses = usesOf(graph);
  for (const [value, shape] of shapesOf(graph)) {
    if (shape.length !== 4 || value in graph.params) continue;
    const wanted = uses.readers(value).map((reader) => frameWanted(reader, value, shape));
    if (wanted.length === 0 || wanted.includes(null)) continue;
    frames.set(value, (wanted as ExplicitPadding[]).reduce(union, noPadding));
  }
  return frames;
}

/** Null if the reader wants a plain layout. */
function frameWanted(reader: Node, value: string, [, height, width]: readonly number[]): ExplicitPadding | null {
  if (reader.inputs[0] !== value || reader.inputs.lastIndexOf(value) > 0) return null;
  if (is(reader, conv2d)) return windowGeometry(height, width, reader.attrs).pad;
  const fast = is(reader, depthwiseConv2d) && reader.attrs.depthMultiplier === 1 && fastKernelFor(reader.attrs);
  return fast ? windowGeometry(height, width, reader.attrs).pad : null;
}

function union(a: ExplicitPadding, b: ExplicitPadding): ExplicitPadding {
  return {
    top: Math.max(a.top, b.top),
    bottom: Math.max(a.bottom, b.bottom),
    left: Math.max(a.left, b.left),
    right: Math.max(a.right, b.right),
  };
}
