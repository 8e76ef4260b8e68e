import type { Graph } from "../../graph/graph.ts";
import { type TorchModule, torchModules } from "./torch-module.ts";

/** Parts of a V2 block (transformers/models/mobilenet_v2/modeling_mobilenet_v2.py). */
const parts: Readonly<Record<string, string>> = { expand: "expand_1x1", depthwise: "conv_3x3", project: "reduce_1x1" };

/**
 * Modules of MobileNetV1 and V2 of Hugging Face's transformers, without the `mobilenet_v1.` or `mobilenet_v2.` before
 * them. Each layer is a `convolution` and its `normalization`; V2's first block belongs to the stem.
 */
export function huggingFaceModules(graph: Graph): TorchModule[] {
  const within = graph.name === "mobilenet_v1" ? withinV1 : withinV2;
  return torchModules(graph, (layer, place) => {
    if (layer === "conv_preds" || layer === "predictions" || layer === "Logits") return "classifier";
    const norm = /(_bn|_BN|^bn_Conv1)$/.test(layer);
    const path = place ? within(place.block, place.role.replace(/_bn$/, "")) : outside(graph.name, layer);
    return `${path}.${norm ? "normalization" : "convolution"}`;
  });
}

function outside(network: string, layer: string): string {
  if (/^Conv_1/.test(layer)) return "conv_1x1";
  return network === "mobilenet_v1" ? "conv_stem" : "conv_stem.first_conv";
}

/** Depthwise and pointwise layers are counted together. */
const withinV1 = (block: number, role: string) => `layer.${2 * block + (role === "dw" ? 0 : 1)}`;

const withinV2 = (block: number, role: string) => `${block === 0 ? "conv_stem" : `layer.${block - 1}`}.${parts[role]}`;
