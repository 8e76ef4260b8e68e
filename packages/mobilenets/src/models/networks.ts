import { OptionError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { rescaling } from "../graph/ops/rescaling.ts";
import { is } from "../graph/ops.ts";
import type { Preprocessing } from "../image/preprocessing.ts";
import type { Shape } from "../tensor.ts";
import { type Accepts, type Flavor, type ModelOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { v1 } from "./v1.ts";
import { v2 } from "./v2.ts";
import { buildV3, v3Accepts, v3Flavors } from "./v3.ts";
import { buildArticleV3Small } from "./v3-article.ts";
import { v3Large, v3Small } from "./v3-blocks.ts";

/** What a network's file offers the rest of the package. */
interface Network {
  readonly flavors: readonly Flavor[];
  accepts(flavor: Flavor): Accepts;
  build(options: ResolvedOptions): Graph;
}

const networks = {
  mobilenet_v1: v1,
  mobilenet_v2: v2,
  mobilenet_v3_small: {
    flavors: [...v3Flavors, "article"],
    accepts: (flavor) => (flavor === "article" ? {} : v3Accepts(flavor)),
    build: (o) => (o.flavor === "article" ? buildArticleV3Small(o) : buildV3("mobilenet_v3_small", v3Small, o)),
  },
  mobilenet_v3_large: {
    flavors: v3Flavors,
    accepts: v3Accepts,
    build: (o) => buildV3("mobilenet_v3_large", v3Large, o),
  },
} satisfies Record<string, Network>;

export type NetworkName = keyof typeof networks;

export const networkNames = Object.keys(networks) as readonly NetworkName[];

export function isNetworkName(name: string): name is NetworkName {
  return Object.hasOwn(networks, name);
}

/** @throws OptionError listing the four names */
export function checkNetworkName(name: string): NetworkName {
  if (isNetworkName(name)) return name;
  throw new OptionError({
    where: "network",
    found: JSON.stringify(name),
    expected: `one of ${networkNames.join(", ")}`,
  });
}

/**
 * Fills in a network's defaults for its flavour.
 * @throws OptionError for a flavour or option the network does not have
 */
export function optionsOf(name: NetworkName, options: ModelOptions = {}): ResolvedOptions {
  const network: Network = networks[checkNetworkName(name)];
  const flavor = options.flavor ?? "keras";
  if (!network.flavors.includes(flavor)) {
    throw new OptionError({
      where: name,
      found: `flavor ${JSON.stringify(flavor)}`,
      expected: `one of ${network.flavors.join(", ")}`,
    });
  }
  return resolveOptions(name, flavor, options, network.accepts(flavor));
}

/**
 * The graph of a network: layers with Keras' names, shapes and parameters, no weights.
 * @throws OptionError for a name, flavour or option that does not exist
 */
export function buildGraph(name: NetworkName, options: ModelOptions = {}): Graph {
  const resolved = optionsOf(name, options);
  return (networks[name] as Network).build(resolved);
}

/** ImageNet's statistics as torchvision and timm use them, in 0..255. */
const imageNet = { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] };
/** -1 to 1, as the networks of both papers were trained by Google. */
const signed = { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };
/** 0 to 255: the network rescales by itself. */
const raw = { mean: [0, 0, 0], std: [1, 1, 1] };

/** How pictures become the network's input: its published normalisation, centre crop 0.875. */
export function preprocessingOf(o: ResolvedOptions): Preprocessing {
  const torch = o.flavor === "torchvision" || o.flavor === "timm";
  const statistics = o.includePreprocessing ? raw : torch ? imageNet : signed;
  return preprocessing(o.inputShape, statistics);
}

/** The default for a graph that comes without statistics: -1 to 1, unless it rescales its pictures by itself. */
export function preprocessingOfGraph({ input, nodes }: Graph): Preprocessing {
  const rescales = nodes.some((node) => is(node, rescaling) && node.inputs[0] === input.name);
  return preprocessing(input.shape.slice(1), rescales ? raw : signed);
}

/** -1 to 1. */
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
    mean: mean.slice(0, channels),
    std: std.slice(0, channels),
  };
}
