import { didYouMean } from "../did-you-mean.ts";
import { OptionError } from "../errors.ts";
import type { Graph, Program } from "../graph/graph.ts";
import { subgraph } from "../graph/subgraph.ts";
import { optimise } from "../passes/optimise.ts";

export interface Frozen {
  readonly program: Program;
  /** Layers that only run forward. */
  readonly frozen: ReadonlySet<string>;
}

/** Names of a layer and of all layers before it. */
export function layersUntil(graph: Graph, last: string): ReadonlySet<string> {
  const names = graph.nodes.map(({ name }) => name);
  if (names.includes(last)) return new Set(names.slice(0, names.indexOf(last) + 1));
  throw new OptionError({
    where: "freezeUntil",
    found: `no layer "${last}"`,
    expected: `a layer of ${graph.name}`,
    hint: didYouMean(last, names) ?? "the summary lists them",
  });
}

/** Optimises the frozen layers at the beginning as for inference. The other layers do not change. */
export function freezePrefix({ graph, weights }: Program, layers: ReadonlySet<string>): Frozen {
  const end = graph.nodes.findLastIndex(({ name }) => layers.has(name)) + 1;
  const rest = graph.nodes.slice(end);
  const before = new Set(graph.nodes.slice(0, end).map(({ name }) => name));
  const crossing = [...new Set([...rest.flatMap(({ inputs }) => inputs), ...graph.outputs])].filter((v) =>
    before.has(v),
  );
  const part = subgraph(graph, crossing);
  const prefix = optimise({ graph: part, weights: pick(weights, Object.keys(part.params)) });

  const renamed = new Map(crossing.map((name, i) => [name, prefix.graph.outputs[i]]));
  const resolve = (value: string) => renamed.get(value) ?? value;
  const nodes = rest.map((node) => ({ ...node, inputs: node.inputs.map(resolve) }));
  const read = rest.flatMap(({ inputs }) => inputs).filter((name) => Object.hasOwn(graph.params, name));
  return {
    program: {
      graph: {
        ...graph,
        params: { ...prefix.graph.params, ...pick(graph.params, read) },
        nodes: [...prefix.graph.nodes, ...nodes],
        outputs: graph.outputs.map(resolve),
      },
      weights: { ...prefix.weights, ...pick(weights, read) },
    },
    frozen: new Set(prefix.graph.nodes.map(({ name }) => name)),
  };
}

function pick<T>(values: Readonly<Record<string, T>>, names: readonly string[]): Readonly<Record<string, T>> {
  return Object.fromEntries(names.map((name) => [name, values[name]]));
}
