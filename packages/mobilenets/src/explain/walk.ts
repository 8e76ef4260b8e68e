import type { Graph, Node } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { batchNormalization } from "../graph/ops/batch_normalization.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { dropout } from "../graph/ops/dropout.ts";
import { reshape } from "../graph/ops/reshape.ts";
import { zeroPadding2d } from "../graph/ops/zero_padding2d.ts";
import { is } from "../graph/ops.ts";

/** Ops that belong to the layer before them: one data input, no multiply-adds. */
const decorations: ReadonlySet<string> = new Set(
  [activation, batchNormalization, dropout, reshape, zeroPadding2d].map(({ name }) => name),
);

export const isDecoration = ({ op }: Node): boolean => decorations.has(op);

/** Whether a node is a convolution of one pixel at a time. */
export function isPointwise(node: Node | undefined): boolean {
  return node !== undefined && is(node, conv2d) && node.attrs.kernelSize[0] * node.attrs.kernelSize[1] === 1;
}

/** A graph's nodes by name and by what they read. */
export interface Walk {
  readonly byName: ReadonlyMap<string, Node>;
  /** The nodes that read a value, in the graph's order. */
  readersOf(value: string): readonly Node[];
  /** The node that made a value, before all decorations that satisfy `passes`; undefined for the graph's input. */
  makerOf(value: string, passes?: (node: Node) => boolean): Node | undefined;
  /** The nodes between two values: `to` itself, not `from`, in the graph's order. */
  between(from: string, to: string): readonly Node[];
}

export function walkOf(graph: Graph): Walk {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const input of new Set(node.inputs)) readers.set(input, [...(readers.get(input) ?? []), node]);
  }
  return {
    byName,
    readersOf: (value) => readers.get(value) ?? [],
    makerOf(value, passes = isDecoration) {
      let node = byName.get(value);
      while (node && passes(node)) node = byName.get(node.inputs[0]);
      return node;
    },
    between(from, to) {
      const found = new Set([to]);
      return [...graph.nodes]
        .reverse()
        .filter(({ name, inputs }) => {
          if (!found.has(name)) return false;
          for (const input of inputs) if (input !== from) found.add(input);
          return true;
        })
        .reverse();
    },
  };
}
