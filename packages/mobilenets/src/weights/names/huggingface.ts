import type { Graph } from "../../graph/graph.ts";
import type { NetworkName } from "../../models/networks.ts";
import type { Flavor } from "../../models/options.ts";
import { type TorchModule, torchModules } from "./torch-module.ts";

/** transformers' names of a network's modules, and our flavour that computes the same. */
interface Naming {
  /** The attribute of the network in a model with a head: transformers' `base_model_prefix`. */
  readonly attribute: string;
  readonly stem: string;
  within(block: number, role: string): string;
  /**
   * transformers pads as TensorFlow does at every size. Keras' V1 does so only at sizes that stay even at every stride,
   * the article's at all sizes.
   */
  readonly flavorAtOddSizes: Flavor;
}

/** Names of the parts of a V2 block (transformers/models/mobilenet_v2/modeling_mobilenet_v2.py). */
const parts: Readonly<Record<string, string>> = { expand: "expand_1x1", depthwise: "conv_3x3", project: "reduce_1x1" };

const v1: Naming = {
  attribute: "mobilenet_v1",
  stem: "conv_stem",
  // Depthwise and pointwise layers share one count.
  within: (block, role) => `layer.${2 * block + (role === "dw" ? 0 : 1)}`,
  flavorAtOddSizes: "article",
};

const v2: Naming = {
  attribute: "mobilenet_v2",
  stem: "conv_stem.first_conv",
  within: (block, role) => `${block === 0 ? "conv_stem" : `layer.${block - 1}`}.${parts[role]}`,
  flavorAtOddSizes: "keras",
};

const namings: Partial<Record<NetworkName, Naming>> = { mobilenet_v1: v1, mobilenet_v2: v2 };

/** The networks that transformers has. */
export const huggingFaceNetworks = Object.keys(namings) as readonly NetworkName[];

/** The attributes of networks in models with a head. */
export const huggingFaceAttributes: readonly string[] = Object.values(namings).map(({ attribute }) => attribute);

/** The flavour that computes the same as transformers at a size. */
export function huggingFaceFlavor(network: NetworkName, height: number, width: number): Flavor {
  const odd = height % 32 !== 0 || width % 32 !== 0;
  return odd ? (namings[network]?.flavorAtOddSizes ?? "keras") : "keras";
}

/**
 * Modules of MobileNetV1 and V2 of Hugging Face's transformers, without the prefix `mobilenet_v1.` or `mobilenet_v2.`.
 * Each layer is a `convolution` and its `normalization`; V2's first block belongs to the stem.
 */
export function huggingFaceModules(graph: Graph): TorchModule[] {
  const { stem, within } = namings[graph.name as NetworkName] ?? v2;
  return torchModules(graph, (layer, place) => {
    if (layer === "conv_preds" || layer === "predictions" || layer === "Logits") return "classifier";
    const norm = /(_bn|_BN|^bn_Conv1)$/.test(layer);
    const path = place
      ? within(place.block, place.role.replace(/_bn$/, ""))
      : /^Conv_1/.test(layer)
        ? "conv_1x1"
        : stem;
    return `${path}.${norm ? "normalization" : "convolution"}`;
  });
}
