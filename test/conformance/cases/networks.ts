import { buildGraph, type NetworkName } from "../../../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../../../packages/mobilenets/src/models/options.ts";
import type { Case } from "../case.ts";

/** Every network in every flavour, narrow and small. Logits, since softmax would hide most of a difference. */
const variants: readonly (readonly [NetworkName, ModelOptions])[] = [
  ["mobilenet_v1", { flavor: "keras" }],
  ["mobilenet_v1", { flavor: "article" }],
  ["mobilenet_v1", { flavor: "keras", depthMultiplier: 2, includeTop: false }],
  ["mobilenet_v2", { flavor: "keras" }],
  ["mobilenet_v2", { flavor: "torchvision" }],
  ["mobilenet_v2", { flavor: "article" }],
  ["mobilenet_v2", { flavor: "keras", inputShape: [33, 46, 1] }],
  ["mobilenet_v3_small", { flavor: "keras" }],
  ["mobilenet_v3_small", { flavor: "torchvision" }],
  ["mobilenet_v3_small", { flavor: "article" }],
  ["mobilenet_v3_small", { flavor: "keras", minimalistic: true, includePreprocessing: false }],
  ["mobilenet_v3_small", { flavor: "keras", inputShape: [47, 32, 3], classifierActivation: "softmax" }],
  ["mobilenet_v3_large", { flavor: "keras" }],
  ["mobilenet_v3_large", { flavor: "torchvision", includeTop: false, pooling: "max" }],
  ["efficientnet_lite0", { flavor: "tensorflow" }],
  ["efficientnet_lite0", { flavor: "timm", inputShape: [33, 46, 3] }],
];

export const networks: readonly Case[] = variants.map(([network, options]) => ({
  name: `${network} ${JSON.stringify(options)}`,
  graph: buildGraph(network, {
    inputShape: [32, 32, 3],
    alpha: 0.25,
    classes: 13,
    classifierActivation: null,
    ...options,
  }),
  batch: options.inputShape ? 3 : 1,
}));
