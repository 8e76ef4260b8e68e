import type { Graph, Node } from "./graph/graph.ts";
import { globalAveragePooling2d } from "./graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "./graph/ops/global_max_pooling2d.ts";
import { reshape } from "./graph/ops/reshape.ts";
import { is } from "./graph/ops.ts";
import { subgraph } from "./graph/subgraph.ts";
import { sizeOf } from "./tensor.ts";

/**
 * Cuts the graph at its features: at the global pooling before the classifier, as one vector `[n, channels]`. A file's
 * model that ends in normalised vectors keeps its result. A network that ends in a map gets an average pooling.
 */
export function embeddingGraph(graph: Graph): Graph {
  const end = graph.nodes.find((node) => node.name === graph.outputs[0]) as Node;
  if (isEmbedding(end)) return subgraph(graph, [end.name]);
  const pool = headPooling(graph);
  if (pool) return withFlat(subgraph(graph, [pool.name]), pool);
  if (end.shape.length === 2) return subgraph(graph, [end.name]);
  const name = "embedding";
  const pooling: Node = {
    name,
    op: globalAveragePooling2d.name,
    inputs: [end.name],
    attrs: { keepdims: false },
    shape: [1, end.shape[3]],
  };
  return { ...graph, nodes: [...graph.nodes, pooling], outputs: [name] };
}

/** Whether a model ends in normalised vectors, as a file's model does that was trained to compare pictures. */
export function isEmbedding({ op, shape }: Node): boolean {
  return op === "normalize_rows" && shape.length === 2;
}

/**
 * Walks back from the output along the classifier's chain to the global pooling. A layer with two inputs ends the walk:
 * the pooling inside squeeze-and-excite comes before one, and does not belong to the head.
 */
export function headPooling(graph: Graph): Node | undefined {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  let node = byName.get(graph.outputs[0]);
  while (node && !is(node, globalAveragePooling2d) && !is(node, globalMaxPooling2d)) {
    const data = node.inputs.filter((input) => byName.has(input));
    node = data.length === 1 ? byName.get(data[0]) : undefined;
  }
  return node;
}

/** `keepdims` pooling gives [n,1,1,c]; a vector is [n,c]. */
function withFlat(graph: Graph, pool: Node): Graph {
  if (pool.shape.length === 2) return graph;
  const flat: Node = {
    name: "embedding",
    op: reshape.name,
    inputs: [pool.name],
    attrs: { target: [-1] },
    shape: [1, sizeOf(pool.shape)],
  };
  return { ...graph, nodes: [...graph.nodes, flat], outputs: [flat.name] };
}
