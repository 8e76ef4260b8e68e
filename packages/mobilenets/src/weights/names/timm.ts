import type { Graph } from "../../graph/graph.ts";
import type { NetworkName } from "../../models/networks.ts";
import { type TorchModule, torchModules } from "./torch-module.ts";

interface Architecture {
  /** Blocks in each stage. */
  readonly stages: readonly number[];
  /** Whether no block expands; in other networks all except the first do. */
  readonly separable?: true;
}

/** timm's architecture definitions (timm/models/efficientnet.py, mobilenetv3.py). */
const architectures: Readonly<Record<NetworkName, Architecture>> = {
  mobilenet_v1: { stages: [1, 2, 2, 6, 2], separable: true },
  mobilenet_v2: { stages: [1, 2, 3, 4, 3, 3, 1] },
  mobilenet_v3_small: { stages: [1, 2, 3, 2, 3] },
  mobilenet_v3_large: { stages: [1, 2, 3, 4, 2, 3] },
  efficientnet_lite0: { stages: [1, 2, 2, 3, 3, 4, 1] },
};

/** Names in a DepthwiseSeparableConv: V1's blocks, and the first of V2 and V3, which does not expand. */
const separable: Readonly<Record<string, string>> = {
  dw: "conv_dw",
  dw_bn: "bn1",
  pw: "conv_pw",
  pw_bn: "bn2",
  depthwise: "conv_dw",
  depthwise_bn: "bn1",
  squeeze_excite_conv: "se.conv_reduce",
  squeeze_excite_conv_1: "se.conv_expand",
  project: "conv_pw",
  project_bn: "bn2",
};

/** Names in an InvertedResidual. */
const inverted: Readonly<Record<string, string>> = {
  ...separable,
  expand: "conv_pw",
  expand_bn: "bn1",
  depthwise_bn: "bn2",
  project: "conv_pwl",
  project_bn: "bn3",
};

/** Modules of timm's MobileNets, for a graph of any flavour except the article's V3. */
export function timmModules(graph: Graph): TorchModule[] {
  const { stages, separable: plain } = architectures[graph.name as NetworkName];
  return torchModules(graph, (layer, place) => {
    if (!place) return outside(stages.length)[layer];
    const { block, role } = place;
    const names = plain || block === 0 ? separable : inverted;
    return `blocks.${stageOf(stages, block)}.${names[role]}`;
  });
}

/** `<stage>.<block in the stage>` */
function stageOf(stages: readonly number[], block: number): string {
  let first = 0;
  let stage = 0;
  while (block >= first + stages[stage]) first += stages[stage++];
  return `${stage}.${block - first}`;
}

/** Names outside blocks. V2's and EfficientNet's last convolution is timm's head; V3's is a stage before pooling. */
function outside(last: number): Readonly<Record<string, string>> {
  return {
    conv1: "conv_stem",
    conv1_bn: "bn1",
    conv_preds: "classifier",
    Conv1: "conv_stem",
    bn_Conv1: "bn1",
    Conv_1: "conv_head",
    Conv_1_bn: "bn2",
    predictions: "classifier",
    Logits: "classifier",
    conv: "conv_stem",
    conv_bn: "bn1",
    conv_1: `blocks.${last}.0.conv`,
    conv_1_bn: `blocks.${last}.0.bn1`,
    conv_2: "conv_head",
    logits: "classifier",
    stem_conv: "conv_stem",
    stem_bn: "bn1",
    top_conv: "conv_head",
    top_bn: "bn2",
  };
}
