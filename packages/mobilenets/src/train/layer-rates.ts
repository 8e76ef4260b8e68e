import { OptionError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";

/**
 * Discriminative learning rates (Howard & Ruder 2018): the last layer learns at the full rate, each layer before it at
 * `decay` times the rate of its successor. Only layers with kernels count; a batch norm belongs to the layer before it.
 * @param decay above 0, at most 1; near 1, because networks are about 30 to 60 layers deep
 * @returns the factor for a parameter's name, for `StepOptions.rateOf`
 */
export function layerRates(graph: Graph, decay: number): (parameter: string) => number {
  if (!(decay > 0 && decay <= 1)) {
    throw new OptionError({ where: "layer decay", found: `${decay}`, expected: "above 0, at most 1, e.g. 0.95" });
  }
  const depths = new Map<string, number>();
  let depth = -1;
  for (const { inputs } of graph.nodes) {
    const own = inputs.filter((input) => Object.hasOwn(graph.params, input));
    if (own.some((name) => name.endsWith("kernel"))) depth++;
    for (const name of own) depths.set(name, Math.max(depth, 0));
  }
  return (parameter) => decay ** (depth - (depths.get(parameter) ?? depth));
}
