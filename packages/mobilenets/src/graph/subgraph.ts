import { didYouMean } from "../did-you-mean.ts";
import { OptionError } from "../errors.ts";
import type { Graph } from "./graph.ts";

/**
 * The part of a graph that the named layers need, with exactly these as outputs.
 * @throws OptionError for an unknown layer name
 */
export function subgraph(graph: Graph, outputs: readonly string[]): Graph {
  const known = new Set(graph.nodes.map((node) => node.name));
  for (const name of outputs) {
    if (known.has(name)) continue;
    throw new OptionError({
      where: graph.name,
      found: `no layer "${name}"`,
      expected: `one of its ${known.size} layers`,
      hint: didYouMean(name, [...known]) ?? "model.layers lists them",
    });
  }
  const needed = new Set(outputs);
  const nodes = [...graph.nodes].reverse().filter((node) => {
    if (needed.has(node.name)) for (const input of node.inputs) needed.add(input);
    return needed.has(node.name);
  });
  return {
    ...graph,
    nodes: nodes.reverse(),
    params: Object.fromEntries(Object.entries(graph.params).filter(([name]) => needed.has(name))),
    outputs,
  };
}
