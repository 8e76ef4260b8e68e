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

/** What the file of a network gives to the rest of the package. */
interface Network {
  /** All flavours that it has. The first is its default; timm's ports of Google's weights (`tf_...`) compute it too. */
  readonly flavors: readonly Flavor[];
  /** Those whose published weights were trained on pixels from -1 to 1, unlike the flavour's other networks. */
  readonly signed?: readonly Flavor[];
  accepts(flavor: Flavor): Accepts;
  build(options: ResolvedOptions): Graph;
}

/** A network with the flavours of both. */
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
  // The check of the type comes first: as a property's name, bytes of a file would become a long text.
  return typeof name === "string" && Object.hasOwn(networks, name);
}

/** @throws OptionError listing the names, and the one that was likely meant */
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

/** The flavour that a network is built in where none is asked for. */
export function defaultFlavor(name: NetworkName): Flavor {
  return flavorsOf(name)[0];
}

/** Whether a network's published weights of this flavour want pixels from -1 to 1, unlike the flavour's others. */
export function isSigned(name: NetworkName, flavor: Flavor): boolean {
  return (networks[name] as Network).signed?.includes(flavor) ?? false;
}

/** The options that a network accepts beyond those that all networks share. */
export function acceptsOf(name: NetworkName, flavor: Flavor): Accepts {
  return (networks[name] as Network).accepts(flavor);
}

/** Options that make other layers of a network in a flavour, the plain one first; none for a flavour that it does not have. */
export function variantsOf(name: NetworkName, flavor: Flavor): readonly ModelOptions[] {
  if (!flavorsOf(name).includes(flavor)) return [];
  return acceptsOf(name, flavor).minimalistic ? [{}, { minimalistic: true }] : [{}];
}

/**
 * Fills in a network's defaults for its flavour.
 * @throws OptionError for a flavour or option the network does not have
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
 * The graph of a network: layers with Keras' names, shapes and parameters, no weights.
 * @throws OptionError for a name, flavour or option that does not exist
 */
export function buildGraph(name: NetworkName, options: ModelOptions = {}): Graph {
  const resolved = optionsOf(name, options);
  return (networks[name] as Network).build(resolved);
}
