import { headPooling } from "../embedding.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { globalAveragePooling2d } from "../graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../graph/ops/global_max_pooling2d.ts";
import { is } from "../graph/ops.ts";
import { subgraph } from "../graph/subgraph.ts";

/** A graph whose one run gives the results of both `classify` and `embed`. */
export interface Answers {
  readonly graph: Graph;
  /** The classifier's node; undefined for features only. */
  readonly classes: Node | undefined;
  /** The node of the embedding, which gives the same numbers as `model.embed`. */
  readonly embedding: Node;
}

/** @param classify false leaves the classifier out, if the graph has one */
export function answersOf(graph: Graph, classify: boolean): Answers {
  const last = graph.nodes.find(({ name }) => name === graph.outputs[0]) as Node;
  const isPooled = is(last, globalAveragePooling2d) || is(last, globalMaxPooling2d);
  const classes = classify && last.shape.length === 2 && !isPooled ? last : undefined;
  // The same node that `embeddingGraph` finds, except for its shape, which does not matter here.
  const found = headPooling(graph) ?? (last.shape.length === 2 ? last : undefined);
  const embedding: Node = found ?? {
    name: "embedding",
    op: globalAveragePooling2d.name,
    inputs: [last.name],
    attrs: { keepdims: false },
    shape: [1, last.shape[3]],
  };
  const whole = found ? graph : { ...graph, nodes: [...graph.nodes, embedding] };
  const outputs = classes && classes !== embedding ? [classes.name, embedding.name] : [embedding.name];
  return { graph: subgraph(whole, outputs), classes, embedding };
}
