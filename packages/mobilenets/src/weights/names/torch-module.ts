import type { Graph } from "../../graph/graph.ts";
import { kindOf, type LayerKind, layersWithWeights } from "../layer-weights.ts";

/** A layer of ours and the PyTorch module that holds its weights. */
export interface TorchModule {
  readonly layer: string;
  readonly kind: LayerKind;
  /** As in `model.named_modules()`: `features.1.conv.0.0`. */
  readonly path: string;
  /** Its weights, by our name (`kernel`) and by PyTorch's (`weight`). */
  readonly weights: readonly (readonly [ours: string, theirs: string])[];
}

/** A layer of one of a network's blocks, counted from 0: `block_3_expand_BN` is block 3, role `expand_bn`. */
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
 * The modules of a network that another library names, in the order of the data.
 * @param pathOf the path of a layer's module; `blocks` is how many blocks the network has
 */
export function torchModules(
  graph: Graph,
  pathOf: (layer: string, place: BlockLayer | undefined, blocks: number) => string,
): TorchModule[] {
  const nodes = layersWithWeights(graph);
  const blocks = Math.max(...nodes.map(({ name }) => blockLayer(name)?.block ?? 0)) + 1;
  return nodes.map((node) => {
    const ours = node.inputs.filter((input) => input in graph.params).map((param) => param.slice(node.name.length + 1));
    return {
      layer: node.name,
      kind: kindOf(node),
      path: pathOf(node.name, blockLayer(node.name), blocks),
      weights: ours.map((name) => [name, torchWeights[name]] as const),
    };
  });
}

/** Undefined for layers before and after the blocks. */
function blockLayer(layer: string): BlockLayer | undefined {
  // V1 counts its blocks from 1.
  const v1 = /^conv_((?:dw|pw))_(\d+)(_bn)?$/.exec(layer);
  if (v1) return { block: Number(v1[2]) - 1, role: `${v1[1]}${v1[3] ?? ""}` };
  const [, v2, v3, role] = /^(?:block_(\d+)|expanded_conv(?:_(\d+))?)_([a-z].*)$/.exec(layer) ?? [];
  return role === undefined ? undefined : { block: Number(v2 ?? v3 ?? 0), role: role.replace("_BN", "_bn") };
}
