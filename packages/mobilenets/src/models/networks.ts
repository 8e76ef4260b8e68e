import { didYouMean } from "../did-you-mean.ts";
import { OptionError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { show } from "../show.ts";
import { efficientnetLite0 } from "./efficientnet-lite.ts";
import { type Accepts, type Flavor, type ModelOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { v1 } from "./v1.ts";
import { v2 } from "./v2.ts";
import { v3 } from "./v3.ts";
import { articleV3Small } from "./v3-article.ts";
import { v3Large, v3Small } from "./v3-blocks.ts";

/** The interface of a network's file. */
interface Network {
  /** Flavours of the network. The first is the default; timm's ports of Google's weights (`tf_...`) compute it too. */
  readonly flavors: readonly Flavor[];
  /** Flavours whose published weights were trained on pixels from -1 to 1, unlike the flavour's other networks. */
  readonly signed?: readonly Flavor[];
  accepts(flavor: Flavor): Accepts;
  build(options: ResolvedOptions): Graph;
}

/** Merges two networks into one with the flavours of both. */
function either(a: Network, b: Network): Network {
  const owner = (flavor: Flavor) => (b.flavors.includes(flavor) ? b : a);
  return {
    flavors: [...a.flavors, ...b.flavors],
    accepts: (flavor) => owner(flavor).accepts(flavor),
    build: (options) => owner(options.flavor).build(options),
  };
}

const networks = {
  mobilenet_v1: v1,
  mobilenet_v2: v2,
  mobilenet_v3_small: either(v3("mobilenet_v3_small", v3Small), articleV3Small),
  mobilenet_v3_large: v3("mobilenet_v3_large", v3Large),
  efficientnet_lite0: efficientnetLite0,
} satisfies Record<string, Network>;

/** Name of a network: `mobilenet_v1`, `mobilenet_v2`, `mobilenet_v3_small`, `mobilenet_v3_large`, `efficientnet_lite0`. */
export type NetworkName = keyof typeof networks;

/** The names of all networks. */
export const networkNames = Object.keys(networks) as readonly NetworkName[];

export function isNetworkName(name: unknown): name is NetworkName {
  // The type check comes first: bytes of a file as a property name would become a long string.
  return typeof name === "string" && Object.hasOwn(networks, name);
}

/** @throws OptionError for an unknown name; it lists the names and the nearest ones */
export function checkNetworkName(name: string): NetworkName {
  if (isNetworkName(name)) return name;
  throw new OptionError({
    where: "network",
    found: show(name),
    expected: `one of ${networkNames.join(", ")}`,
    hint: didYouMean(name, networkNames),
  });
}

/** The flavours of a network, its default first. */
export function flavorsOf(name: NetworkName): readonly Flavor[] {
  return networks[checkNetworkName(name)].flavors;
}

/** The flavour of a network without the option `flavor`. */
export function defaultFlavor(name: NetworkName): Flavor {
  return flavorsOf(name)[0];
}

/** Whether a network's published weights of this flavour expect pixels from -1 to 1, unlike the flavour's others. */
export function isSigned(name: NetworkName, flavor: Flavor): boolean {
  return (networks[name] as Network).signed?.includes(flavor) ?? false;
}

/** The options that a network accepts beyond those that all networks share. */
export function acceptsOf(name: NetworkName, flavor: Flavor): Accepts {
  return (networks[name] as Network).accepts(flavor);
}

/** Options that change a network's layers in a flavour, the default first; none for a flavour that it does not have. */
export function variantsOf(name: NetworkName, flavor: Flavor): readonly ModelOptions[] {
  if (!flavorsOf(name).includes(flavor)) return [];
  return acceptsOf(name, flavor).minimalistic ? [{}, { minimalistic: true }] : [{}];
}

/**
 * Fills in a network's defaults for its flavour.
 * @throws OptionError for a flavour or option that the network does not have
 */
export function optionsOf(name: NetworkName, options: ModelOptions = {}): ResolvedOptions {
  const network: Network = networks[checkNetworkName(name)];
  const flavor = options.flavor ?? defaultFlavor(name);
  if (!network.flavors.includes(flavor)) {
    throw new OptionError({
      where: name,
      found: `flavor ${show(flavor)}`,
      expected: `one of ${network.flavors.join(", ")}`,
    });
  }
  return resolveOptions(name, flavor, options, network.accepts(flavor));
}

/**
 * Builds the graph of a network: layers with Keras' names, shapes and parameters, without weights.
 * @throws OptionError for a name, flavour or option that does not exist
 */
export function buildGraph(name: NetworkName, options: ModelOptions = {}): Graph {
  const resolved = optionsOf(name, options);
  return (networks[name] as Network).build(resolved);
}
