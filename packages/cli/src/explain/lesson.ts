import { type Flavor, type ModelOptions, type NetworkName, networkNames } from "mobilenets";
import {
  articleExample,
  buildGraph,
  type ConvolutionComparison,
  compareConvolutions,
  costsOf,
  defaultFlavor,
  type Explanation,
  explain,
  flavorsOf,
  type Graph,
  type NetworkCosts,
  type Savings,
  savings,
} from "mobilenets/graph";

/** A network and its form. */
interface Named {
  readonly network: NetworkName;
  readonly flavor: Flavor;
  /** `[1, height, width, channels]` */
  readonly inputShape: readonly number[];
}

export type ExplainedNetwork = Named & Explanation;

/** A row of the comparison of networks. */
export interface ComparedNetwork extends Named {
  readonly totals: NetworkCosts;
  /** Kernel weights and multiply-adds if each pair were a standard convolution. */
  readonly standard: Savings["network"]["standard"];
}

/** The data of the lesson, for the text, the page or JSON. */
export interface Lesson {
  /** The requested network. Undefined for the lesson on all networks. */
  readonly network?: NetworkName;
  readonly example: ConvolutionComparison;
  /** The network of each chapter. */
  readonly chapters: {
    readonly pairs: ExplainedNetwork;
    readonly blocks: ExplainedNetwork;
    /** Undefined if no network has squeeze-and-excite. */
    readonly gates?: ExplainedNetwork;
    readonly nonlinearities: ExplainedNetwork;
  };
  readonly networks: readonly ComparedNetwork[];
}

/** The lesson with one network in all chapters, compared with the others at the same size. */
export function lessonOf(network: NetworkName, options: ModelOptions): Lesson {
  const { depthMultiplier, minimalistic, ...shared } = options;
  const explained = explainNetwork(network, options);
  const isGated = explained.blocks.some(({ squeeze }) => squeeze);
  return {
    network,
    example: compareConvolutions(articleExample),
    chapters: {
      pairs: explained,
      blocks: explained,
      gates: isGated ? explained : undefined,
      nonlinearities: explained,
    },
    networks: networkNames.map((name) => compare(name, name === network ? options : fitting(name, shared))),
  };
}

/** The lesson with the first network that has each idea. */
export function wholeLesson(options: ModelOptions): Lesson {
  const all = networkNames.map((name) => explainNetwork(name, fitting(name, options)));
  const firstWith = (has: (one: ExplainedNetwork) => boolean) => all.find(has);
  const gates = firstWith(({ blocks }) => blocks.some(({ squeeze }) => squeeze));
  return {
    example: compareConvolutions(articleExample),
    chapters: {
      pairs: firstWith(({ blocks }) => blocks.some(({ kind }) => kind === "depthwise_separable")) ?? all[0],
      blocks: firstWith(({ blocks }) => blocks.some(({ kind }) => kind === "inverted_residual")) ?? all[0],
      gates,
      nonlinearities: gates ?? all[0],
    },
    networks: networkNames.map((name) => compare(name, fitting(name, options))),
  };
}

/** Replaces a flavor that the network does not have by its default. */
function fitting(network: NetworkName, options: ModelOptions): ModelOptions {
  const { flavor } = options;
  return flavor === undefined || flavorsOf(network).includes(flavor) ? options : { ...options, flavor: undefined };
}

function explainNetwork(network: NetworkName, options: ModelOptions): ExplainedNetwork {
  const graph = buildGraph(network, options);
  return { ...named(network, options, graph), ...explain(graph) };
}

function compare(network: NetworkName, options: ModelOptions): ComparedNetwork {
  const graph = buildGraph(network, options);
  return {
    ...named(network, options, graph),
    totals: costsOf(graph),
    standard: savings(graph).network.standard,
  };
}

function named(network: NetworkName, { flavor = defaultFlavor(network) }: ModelOptions, { input }: Graph): Named {
  return { network, flavor, inputShape: input.shape };
}
