import type { Graph, Node } from "../graph/graph.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { is } from "../graph/ops.ts";
import { shapesOf } from "../graph/summary.ts";
import { type ExplicitPadding, noPadding, windowGeometry } from "../graph/window.ts";
import { usesOf } from "../passes/uses.ts";
import { fastKernelFor } from "./lower/depthwise.ts";

/** What the readers of a value want of its layout. */
export interface Wish {
  /** Zeros around it. */
  readonly frame: ExplicitPadding;
  /** Pixels an odd number of cache lines apart, for depthwise windows; see `spread` in layout.ts. */
  readonly spread: boolean;
}

/**
 * Layout wishes of values that only windows read: those slide over the edge, and want zeros there. Values with other
 * readers keep a plain layout; a window then copies.
 */
export function wishesOf(graph: Graph): ReadonlyMap<string, Wish> {
  const wishes = new Map<string, Wish>();
  const uses = usesOf(graph);
  for (const [value, shape] of shapesOf(graph)) {
    if (shape.length !== 4 || value in graph.params) continue;
    const readers = uses.readers(value);
    const frames = readers.map((reader) => frameWanted(reader, value, shape));
    if (frames.length === 0 || frames.includes(null)) continue;
    wishes.set(value, {
      frame: (frames as ExplicitPadding[]).reduce(union, noPadding),
      spread: readers.every((reader) => is(reader, depthwiseConv2d)),
    });
  }
  return wishes;
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
