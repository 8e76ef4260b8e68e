import type { Graph } from "../../graph/graph.ts";
import type { NetworkName } from "../../models/networks.ts";
import { type TorchModule, torchModules } from "./torch-module.ts";

/**
 * Modules of torchvision's MobileNetV2 and V3 (torchvision/models/mobilenetv2.py, mobilenetv3.py). `features` has the
 * stem, the blocks and the last convolution; a block is a Sequential of numbered parts.
 */
export function torchvisionModules(graph: Graph): TorchModule[] {
  const within = blocksOf[graph.name as NetworkName] ?? withinV3Block;
  let block = -1;
  let part = -1;
  return torchModules(graph, (layer, place, blocks) => {
    if (!place) return outside(blocks + 1)[layer];
    if (place.block !== block) part = -1;
    block = place.block;
    // A convolution begins a new part; its norm, and the second convolution of a squeeze, belong to it.
    if (!place.role.endsWith("_bn") && place.role !== "squeeze_excite_conv_1") part++;
    return `features.${block + 1}.${within(place.role, part)}`;
  });
}

function outside(last: number): Readonly<Record<string, string>> {
  return {
    Conv1: "features.0.0",
    bn_Conv1: "features.0.1",
    Conv_1: `features.${last}.0`,
    Conv_1_bn: `features.${last}.1`,
    predictions: "classifier.1",
    Logits: "classifier.1",
    conv: "features.0.0",
    conv_bn: "features.0.1",
    conv_1: `features.${last}.0`,
    conv_1_bn: `features.${last}.1`,
    conv_2: "classifier.0",
    logits: "classifier.3",
  };
}

/** Each convolution and its norm form a Sequential, except the last ones of a block, which are separate parts. */
function withinV2Block(role: string, part: number): string {
  const norm = role.endsWith("_bn") ? 1 : 0;
  return role.startsWith("project") ? `conv.${part + norm}` : `conv.${part}.${norm}`;
}

function withinV3Block(role: string, part: number): string {
  if (role === "squeeze_excite_conv") return `block.${part}.fc1`;
  if (role === "squeeze_excite_conv_1") return `block.${part}.fc2`;
  return `block.${part}.${role.endsWith("_bn") ? 1 : 0}`;
}

/** Names of a block's parts, by network; others are not needed. */
const blocksOf: Partial<Record<NetworkName, (role: string, part: number) => string>> = {
  mobilenet_v2: withinV2Block,
  mobilenet_v3_small: withinV3Block,
  mobilenet_v3_large: withinV3Block,
};
