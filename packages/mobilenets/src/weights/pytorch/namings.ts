import type { Graph } from "../../graph/graph.ts";
import { defaultFlavor, type NetworkName, networkNames, variantsOf } from "../../models/networks.ts";
import type { Flavor, ModelOptions } from "../../models/options.ts";
import { efficientNetPytorchModules } from "../names/efficientnet-pytorch.ts";
import { huggingFaceModules, huggingFaceNetworks } from "../names/huggingface.ts";
import { timmModules } from "../names/timm.ts";
import type { TorchModule } from "../names/torch-module.ts";
import { torchvisionModules } from "../names/torchvision.ts";

/** A library's names for the parameters of its networks. */
export interface Naming {
  readonly library: "torchvision" | "timm" | "efficientnet_pytorch" | "transformers";
  /** Names of parameters that only this library's state dicts have. */
  readonly marks: readonly string[];
  readonly networks: readonly NetworkName[];
  /** Flavours of networks with these names, the most likely first. */
  flavors(network: NetworkName): readonly Flavor[];
  /** Options whose graphs together have all possible names. */
  sketches(network: NetworkName): readonly ModelOptions[];
  modules(graph: Graph): TorchModule[];
  /** Flavours with ReLU instead of ReLU6 and the same names and shapes: the library's quantizable forms. */
  readonly reluForms?: Partial<Record<NetworkName, Flavor>>;
}

export const torchvision: Naming = {
  library: "torchvision",
  marks: ["features.0.0.weight"],
  networks: ["mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"],
  flavors: () => ["torchvision"],
  // At a tenth of the width, V3's second block has no expansion.
  sketches: () => [{ flavor: "torchvision" }, { flavor: "torchvision", alpha: 0.1 }],
  modules: torchvisionModules,
  reluForms: { mobilenet_v2: "torchvision_quantizable" },
};

export const timm: Naming = {
  library: "timm",
  marks: ["conv_stem.weight"],
  networks: networkNames,
  flavors: (network) => ["timm", defaultFlavor(network)],
  sketches: (network) => variantsOf(network, defaultFlavor(network)),
  modules: timmModules,
};

const efficientNetPytorch: Naming = {
  library: "efficientnet_pytorch",
  marks: ["_conv_stem.weight"],
  networks: ["efficientnet_lite0"],
  flavors: () => ["tensorflow"],
  sketches: () => [{}],
  modules: efficientNetPytorchModules,
};

export const huggingFace: Naming = {
  library: "transformers",
  marks: ["conv_stem.convolution.weight", "conv_stem.first_conv.convolution.weight"],
  networks: huggingFaceNetworks,
  flavors: () => ["keras"],
  sketches: () => [{}],
  modules: huggingFaceModules,
};

export const namings: readonly Naming[] = [torchvision, timm, efficientNetPytorch, huggingFace];

/** The naming that has a parameter of this name. */
export function namingOf(name: string): Naming | undefined {
  return namings.find(({ marks }) => marks.includes(name));
}
