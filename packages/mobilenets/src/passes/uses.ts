import type { Graph, Node } from "../graph/graph.ts";

export interface Uses {
  /** Nodes that read a value. */
  readers(value: string): readonly Node[];
  /** The only node that reads a value. Undefined if there are more, or if the value is an output. */
  soleReader(value: string): Node | undefined;
}

export function usesOf(graph: Graph): Uses {
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      const known = readers.get(input);
      if (!known) readers.set(input, [node]);
      else if (known.at(-1) !== node) known.push(node);
    }
  }
  const outputs = new Set(graph.outputs);
  return {
    readers: (value) => readers.get(value) ?? [],
    soleReader(value) {
      const nodes = readers.get(value) ?? [];
      return nodes.length === 1 && !outputs.has(value) ? nodes[0] : undefined;
    },
  };
}

/** The node with a float32 result. */
export function asFloat<N extends Node>(node: N): N {
  if (node.dtype === undefined && node.quantization === undefined) return node;
  const { dtype, quantization, ...rest } = node;
  return rest as N;
}

/** A node that replaces another: with the same type, except for the shape. */
export function typedAs<N extends Node>(node: N, { dtype, quantization }: Node): N {
  return { ...asFloat(node), ...(dtype && { dtype }), ...(quantization && { quantization }) };
}

/** Replaces nodes or (null) removes them; readers of a removed node read its name in `renamed` instead. */
export function rewrite(
  graph: Graph,
  replaced: ReadonlyMap<string, Node | null>,
  renamed: ReadonlyMap<string, string> = new Map(),
): Graph {
  if (replaced.size === 0) return graph;
  /** Ends of the chains followed so far. */
  const known = new Map<string, string>();
  const resolve = (value: string): string => {
    let end = value;
    const followed: string[] = [];
    for (let next = renamed.get(end); next !== undefined; next = known.get(end) ?? renamed.get(end)) {
      followed.push(end);
      end = next;
    }
    for (const name of followed) known.set(name, end);
    return end;
  };
  const nodes: Node[] = [];
  for (const old of graph.nodes) {
    const replacement = replaced.get(old.name);
    if (replacement === null) continue;
    const node = replacement ?? old;
    nodes.push(node.inputs.some((input) => renamed.has(input)) ? { ...node, inputs: node.inputs.map(resolve) } : node);
  }
  return { ...graph, nodes, outputs: graph.outputs.map(resolve) };
}
