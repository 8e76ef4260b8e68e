import type { Graph, Node } from "../graph/graph.ts";
import { shapesOf } from "../graph/shapes.ts";
import { type ExplicitPadding, noPadding } from "../graph/window.ts";
import { usesOf } from "../passes/uses.ts";
import { type Lowerings, loweringOf, type OpLowering } from "./lower.ts";

/** The layout that the readers of a value want. */
export interface Wish {
  /** The frame of zeros around each picture. */
  readonly frame: ExplicitPadding;
  /** Whether pixels are an odd number of cache lines apart, for reads along a channel; see `spread` in layout.ts. */
  readonly spread: boolean;
}

/**
 * The layouts that the readers of maps want. A window slides over the edge and wants zeros there. If another reader wants
 * no frame, the map gets none, and the window copies it.
 */
export function wishesOf(graph: Graph, lowerings: Lowerings): ReadonlyMap<string, Wish> {
  const wishes = new Map<string, Wish>();
  const uses = usesOf(graph);
  for (const [value, shape] of shapesOf(graph)) {
    if (shape.length !== 4 || value in graph.params) continue;
    const readers = uses.readers(value);
    if (readers.length === 0) continue;
    const frames = readers.map((reader) => frameWanted(loweringOf(reader, lowerings), reader, value, shape));
    const frame = frames.includes(null) ? null : (frames as ExplicitPadding[]).reduce(union, noPadding);
    const ways = readers.map((reader) => loweringOf(reader, lowerings).strided);
    const spread = (frame !== null && ways.every((way) => way === "in frames")) || ways.includes("always");
    if (frame !== null || spread) wishes.set(value, { frame: frame ?? noPadding, spread });
  }
  return wishes;
}

/** Null if the reader wants a plain layout. */
function frameWanted(
  { frame }: OpLowering,
  reader: Node,
  value: string,
  [, height, width]: readonly number[],
): ExplicitPadding | null {
  const input = reader.inputs.indexOf(value);
  if (reader.inputs.lastIndexOf(value) !== input) return null;
  return frame?.(reader.attrs, input, height, width) ?? null;
}

function union(a: ExplicitPadding, b: ExplicitPadding): ExplicitPadding {
  return {
    top: Math.max(a.top, b.top),
    bottom: Math.max(a.bottom, b.bottom),
    left: Math.max(a.left, b.left),
    right: Math.max(a.right, b.right),
  };
}
