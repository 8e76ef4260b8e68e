import type { Graph } from "../graph/graph.ts";
import { rescaling } from "../graph/ops/rescaling.ts";
import { is } from "../graph/ops.ts";
import type { Preprocessing } from "../image/preprocessing.ts";
import type { Shape } from "../tensor.ts";
import { isSigned, type NetworkName } from "./networks.ts";
import type { Flavor, ResolvedOptions } from "./options.ts";

/** ImageNet's statistics of torchvision and timm, in 0..255. */
const imageNet = { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] };
/** -1 to 1, as Google trained the networks of both papers. */
const signed = { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };
/** EfficientNet-Lite's (`MEAN_RGB`, `STDDEV_RGB` of tensorflow/tpu, efficientnet/lite): whole numbers suit 8-bit networks. */
const liteStatistics = { mean: [127, 127, 127], std: [128, 128, 128] };
/** 0 to 255: the network itself rescales. */
const raw = { mean: [0, 0, 0], std: [1, 1, 1] };

/** Statistics of each flavour's published weights. */
const statistics: Record<Flavor, typeof signed> = {
  keras: signed,
  tensorflow: liteStatistics,
  torchvision: imageNet,
  timm: imageNet,
  article: signed,
  torchvision_quantizable: imageNet,
};

/**
 * How pictures become the network's input: its published normalisation, centre crop 0.875. Readers use this rule for
 * files that do not say, so that a model gets the same in every format.
 * @param network its own normalisation takes precedence over its flavour's
 */
export function preprocessingOf(o: ResolvedOptions, network?: NetworkName): Preprocessing {
  const usual = network !== undefined && isSigned(network, o.flavor) ? signed : statistics[o.flavor];
  return preprocessing(o.inputShape, o.includePreprocessing ? raw : usual);
}

/** The default for a graph without statistics: -1 to 1, unless the graph itself rescales. */
export function preprocessingOfGraph({ input, nodes }: Graph): Preprocessing {
  const rescales = nodes.some((node) => is(node, rescaling) && node.inputs[0] === input.name);
  return preprocessing(input.shape.slice(1), rescales ? raw : signed);
}

/** Preprocessing with normalisation to -1 to 1. */
export function signedPreprocessing(height: number, width: number, channels: number): Preprocessing {
  return preprocessing([height, width, channels], signed);
}

function preprocessing([height, width, channels]: Shape, { mean, std }: typeof signed): Preprocessing {
  return {
    height,
    width,
    channels: channels as 1 | 3,
    crop: "center",
    cropFraction: 0.875,
    resize: "mobilenets",
    mean: mean.slice(0, channels),
    std: std.slice(0, channels),
  };
}
