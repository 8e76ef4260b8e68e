import type { Graph } from "../../graph/graph.ts";
import { kindOf, type LayerKind, layersWithWeights } from "../match/layer-weights.ts";

/** One of our layers and the PyTorch module with its weights. */
export interface TorchModule {
  readonly layer: string;
  readonly kind: LayerKind;
  /** Path in `model.named_modules()`, e.g. `features.1.conv.0.0`. */
  readonly path: string;
  /** The weights, by our name (`kernel`) and by PyTorch's (`weight`). */
  readonly weights: readonly (readonly [ours: string, theirs: string])[];
}

/** A layer of a block, counted from 0 in data order: `block_3_expand_BN` is block 3, role `expand_bn`. */
export interface BlockLayer {
  readonly block: number;
  readonly role: string;
}

const torchWeights: Readonly<Record<string, string>> = {
  kernel: "weight",
  depthwise_kernel: "weight",
  bias: "bias",
  gamma: "weight",
  beta: "bias",
  moving_mean: "running_mean",
  moving_variance: "running_var",
};

/**
 * A network's modules by another library's names, in data order.
 * @param pathOf returns the path of a layer's module; `blocks` is the network's number of blocks
 */
export function torchModules(
  graph: Graph,
  pathOf: (layer: string, place: BlockLayer | undefined, blocks: number) => string,
): TorchModule[] {
  const nodes = layersWithWeights(graph);
  const places = nodes.map(({ name }) => placeOf(name));
  const prefixes = [...new Set(places.flatMap((place) => (place ? [place.prefix] : [])))];
  return nodes.map((node, i) => {
    const place = places[i] && { block: prefixes.indexOf(places[i].prefix), role: places[i].role };
    const ours = node.inputs.filter((input) => input in graph.params).map((param) => param.slice(node.name.length + 1));
    return {
      layer: node.name,
      kind: kindOf(node),
      path: pathOf(node.name, place, prefixes.length),
      weights: ours.map((name) => [name, torchWeights[name]] as const),
    };
  });
}

interface Place {
  /** Common prefix of the names of a block's layers. */
  readonly prefix: string;
  readonly role: string;
}

/** EfficientNet's roles of layers, as those of the other networks. */
const efficientNetRoles: Readonly<Record<string, string>> = {
  expand_conv: "expand",
  dwconv: "depthwise",
  bn: "depthwise_bn",
  project_conv: "project",
};

/** The place of a layer in a block; undefined for layers before and after the blocks. */
function placeOf(layer: string): Place | undefined {
  const v1 = /^conv_(dw|pw)_(\d+)(_bn)?$/.exec(layer);
  if (v1) return { prefix: v1[2], role: `${v1[1]}${v1[3] ?? ""}` };
  const efficientNet = /^(block\d+[a-z])_(.+)$/.exec(layer);
  if (efficientNet) return { prefix: efficientNet[1], role: efficientNetRoles[efficientNet[2]] ?? efficientNet[2] };
  const [, prefix, role] = /^(block_\d+|expanded_conv(?:_\d+)?)_([a-z].*)$/.exec(layer) ?? [];
  return role === undefined ? undefined : { prefix, role: role.replace("_BN", "_bn") };
}
