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

/** Which network, in which form. */
interface Named {
  readonly network: NetworkName;
  readonly flavor: Flavor;
  /** `[1, height, width, channels]` */
  readonly inputShape: readonly number[];
}

export type ExplainedNetwork = Named & Explanation;

/** A network as a row of the comparison. */
export interface ComparedNetwork extends Named {
  readonly totals: NetworkCosts;
  /** Kernel weights and multiply-adds with a standard convolution in place of each pair. */
  readonly standard: Savings["network"]["standard"];
}

/** What a text, a page or a program is told. */
export interface Lesson {
  /** The network asked for; undefined for the lesson on all of them. */
  readonly network?: NetworkName;
  readonly example: ConvolutionComparison;
  /** The network that each chapter shows. */
  readonly chapters: {
    readonly pairs: ExplainedNetwork;
    readonly blocks: ExplainedNetwork;
    /** Undefined if no network in question has squeeze-and-excite. */
    readonly gates?: ExplainedNetwork;
    readonly nonlinearities: ExplainedNetwork;
  };
  readonly networks: readonly ComparedNetwork[];
}

/** One network in all chapters, beside the others in the same size. */
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

/** Each idea by the first network that has it. */
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

/** A flavour that a network does not have becomes its own default. */
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
