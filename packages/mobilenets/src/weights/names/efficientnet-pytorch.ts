import type { Graph } from "../../graph/graph.ts";
import { type TorchModule, torchModules } from "./torch-module.ts";

/** Names of the parts of an `MBConvBlock` (efficientnet_pytorch/model.py). */
const parts: Readonly<Record<string, string>> = {
  expand: "_expand_conv",
  expand_bn: "_bn0",
  depthwise: "_depthwise_conv",
  depthwise_bn: "_bn1",
  project: "_project_conv",
  project_bn: "_bn2",
};

const outside: Readonly<Record<string, string>> = {
  stem_conv: "_conv_stem",
  stem_bn: "_bn0",
  top_conv: "_conv_head",
  top_bn: "_bn1",
  predictions: "_fc",
};

/** Modules of the PyPI package `efficientnet_pytorch` and of packages derived from it. */
export function efficientNetPytorchModules(graph: Graph): TorchModule[] {
  return torchModules(graph, (layer, place) =>
    place ? `_blocks.${place.block}.${parts[place.role]}` : outside[layer],
  );
}
