import type { Graph } from "../graph/graph.ts";
import { type Savings, savings } from "../graph/savings.ts";
import { summarise } from "../graph/summary.ts";
import { type Block, findBlocks } from "./blocks.ts";
import { type Costs, layerCosts, sumOf } from "./costs.ts";
import { type NonlinearityUse, nonlinearitiesOf } from "./nonlinearities.ts";

/** Total costs of a network. */
export interface NetworkCosts extends Costs {
  /** Parameters that training changes. */
  readonly trainable: number;
}

/** The parts of a MobileNet with their costs, as plain data. */
export interface Explanation {
  readonly totals: NetworkCosts;
  /** Each depthwise-separable pair, and the whole network, compared with standard convolutions. */
  readonly savings: Savings;
  readonly blocks: readonly Block[];
  /** Costs of all squeeze-and-excites together. */
  readonly squeezeAndExcite: Costs;
  readonly nonlinearities: readonly NonlinearityUse[];
}

/** The costs of a whole network for one picture. */
export function costsOf(graph: Graph): NetworkCosts {
  const { trainable } = summarise(graph).totals;
  return { ...sumOf(layerCosts(graph).values()), trainable };
}

/** Analyses a network: the savings of its pairs, its blocks with their channels, its gates, its nonlinear functions. */
export function explain(graph: Graph): Explanation {
  const blocks = findBlocks(graph);
  return {
    totals: costsOf(graph),
    savings: savings(graph),
    blocks,
    squeezeAndExcite: sumOf(blocks.flatMap(({ squeeze }) => (squeeze ? [squeeze.costs] : []))),
    nonlinearities: nonlinearitiesOf(graph, blocks),
  };
}
