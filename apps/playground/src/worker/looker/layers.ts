import { findBlocks, type Graph, type Node, summarise } from "mobilenets/graph";
import type { LayerKind, MapLayer } from "./api.ts";

/** Ops that change a map's numbers, but belong to the layer before. */
const AFTER = new Set(["batch_normalization", "activation"]);

/** The layers of a network with maps to show: convolutions and the sums of residual blocks, in order. */
export function mapLayers(graph: Graph): readonly MapLayer[] {
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node]);
  }
  const costs = new Map(summarise(graph).layers.map((layer) => [layer.name, layer]));
  const blocks = new Map(
    findBlocks(graph).flatMap(({ name, layers }) => layers.map((layer) => [layer, name] as const)),
  );
  const places = new Map<string, number>();
  const found: MapLayer[] = [];
  for (const node of graph.nodes) {
    const kind = kindOf(node);
    const [, height, width, channels] = node.shape;
    // Squeeze-and-excite computes with maps of one pixel.
    if (!kind || node.shape.length !== 4 || height * width === 1) continue;
    const value = afterwards(node, readers);
    const cost = costs.get(node.name);
    const sources = node.inputs.map((input) => places.get(input)).filter((place) => place !== undefined);
    for (const name of [node.name, value]) places.set(name, found.length);
    found.push({
      name: node.name,
      value,
      kind,
      height,
      width,
      channels,
      kernel: (node.attrs as { kernelSize?: readonly number[] }).kernelSize?.[0] ?? 1,
      macs: cost?.macs ?? 0,
      params: cost?.params ?? 0,
      block: blocks.get(node.name) ?? null,
      shortcut: kind === "sum" && sources.length > 1 ? found.length - Math.min(...sources) : null,
    });
  }
  return found;
}

function kindOf({ op, attrs }: Node): LayerKind | undefined {
  if (op === "depthwise_conv2d") return "depthwise";
  if (op === "add") return "sum";
  if (op !== "conv2d") return undefined;
  const { kernelSize } = attrs as { kernelSize: readonly number[] };
  return kernelSize.every((side) => side === 1) ? "pointwise" : "standard";
}

/** The last of the batch norm and activation that are the only readers after a node. */
function afterwards(node: Node, readers: ReadonlyMap<string, readonly Node[]>): string {
  let { name } = node;
  for (;;) {
    const next = readers.get(name);
    if (next?.length !== 1 || !AFTER.has(next[0].op)) return name;
    name = next[0].name;
  }
}
