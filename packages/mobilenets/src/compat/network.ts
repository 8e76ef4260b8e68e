import { embeddingGraph, headPooling } from "../embedding.ts";
import type { Executable } from "../engines/engine.ts";
import { type EngineName, selectEngine } from "../engines/select.ts";
import { OptionError } from "../errors.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { reshape } from "../graph/ops/reshape.ts";
import { is, isWeighted } from "../graph/ops.ts";
import type { Model } from "../model.ts";
import { sizeOf, type Tensor } from "../tensor.ts";

/** The logits' and features' values in the graph, with their sizes. */
interface Ends {
  readonly graph: Graph;
  readonly classes: number;
  readonly features: number;
}

/**
 * A model that gives logits and features of a picture in one run. `runSync` is synchronous, as `infer` of
 * `@tensorflow-models/mobilenet` is.
 */
export class LogitsAndFeatures {
  readonly classes: number;
  readonly features: number;
  readonly #executable: Executable;

  private constructor({ classes, features }: Ends, executable: Executable) {
    this.classes = classes;
    this.features = features;
    this.#executable = executable;
  }

  /** @throws OptionError for a model without classes */
  static async of({ program, name }: Model, engine: EngineName = "auto"): Promise<LogitsAndFeatures> {
    const ends = endsOf(program.graph, name);
    const executable = await selectEngine(engine).compile({ graph: ends.graph, weights: program.weights });
    return new LogitsAndFeatures(ends, executable);
  }

  /** Whether `runSync` works on this host. */
  get isSync(): boolean {
    return this.#executable.runSync !== undefined;
  }

  run(input: Tensor): Promise<Tensor[]> {
    return this.#executable.run(input);
  }

  runSync(input: Tensor): Tensor[] {
    return (this.#executable.runSync as NonNullable<Executable["runSync"]>).call(this.#executable, input);
  }

  dispose(): void {
    this.#executable.dispose();
  }
}

function endsOf(whole: Graph, where: string): Ends {
  if (headPooling(whole)?.name === whole.outputs[0]) {
    const hint = "load the model with its classifier, or use embed() of mobilenets";
    throw new OptionError({ where, found: "a network that ends in features", expected: "a classifier", hint });
  }
  const graph = withoutSoftmax(whole);
  const cut = embeddingGraph(graph);
  const known = new Set(graph.nodes.map(({ name }) => name));
  const nodes = [...graph.nodes, ...cut.nodes.filter(({ name }) => !known.has(name))];
  const sizeOfNode = (name: string) => sizeOf((nodes.find((node) => node.name === name) as Node).shape.slice(1));
  const [logits] = graph.outputs;
  const [features] = cut.outputs;
  return {
    graph: { ...graph, nodes, outputs: [logits, features] },
    classes: sizeOfNode(logits),
    features: sizeOfNode(features),
  };
}

/** The graph without a softmax at its end, or before a reshape at its end. */
export function withoutSoftmax(graph: Graph): Graph {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  let end = byName.get(graph.outputs[0]) as Node;
  while (is(end, reshape)) {
    const before = byName.get(end.inputs[0]);
    if (!before) return graph;
    end = before;
  }
  const { attrs } = end;
  if (!("activation" in attrs) || attrs.activation !== "softmax") return graph;
  if (isWeighted(end)) {
    const linear = { ...end, attrs: { ...attrs, activation: "linear" } };
    return { ...graph, nodes: graph.nodes.map((node) => (node === end ? linear : node)) };
  }
  if (!is(end, activation)) return graph;
  const [logits] = end.inputs;
  const renamed = (names: readonly string[]) => names.map((name) => (name === end.name ? logits : name));
  return {
    ...graph,
    nodes: graph.nodes.filter((node) => node !== end).map((node) => ({ ...node, inputs: renamed(node.inputs) })),
    outputs: renamed(graph.outputs),
  };
}
