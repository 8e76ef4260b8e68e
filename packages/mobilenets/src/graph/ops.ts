import { GraphError } from "../errors.ts";
import type { Activation } from "./activations.ts";
import type { Attrs, Graph, Node } from "./graph.ts";
import type { Op } from "./op.ts";
import { activation } from "./ops/activation.ts";
import { add } from "./ops/add.ts";
import { batchNormalization } from "./ops/batch_normalization.ts";
import { conv2d } from "./ops/conv2d.ts";
import { dense } from "./ops/dense.ts";
import { depthwiseConv2d } from "./ops/depthwise_conv2d.ts";
import { dropout } from "./ops/dropout.ts";
import { globalAveragePooling2d } from "./ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "./ops/global_max_pooling2d.ts";
import { multiply } from "./ops/multiply.ts";
import { rescaling } from "./ops/rescaling.ts";
import { reshape } from "./ops/reshape.ts";
import { zeroPadding2d } from "./ops/zero_padding2d.ts";
import type { WindowAttrs } from "./window.ts";

/** The ops of our networks, which every part of the package supports. */
const ops: ReadonlyMap<string, Op> = new Map(
  [
    activation,
    add,
    batchNormalization,
    conv2d,
    dense,
    depthwiseConv2d,
    dropout,
    globalAveragePooling2d,
    globalMaxPooling2d,
    multiply,
    rescaling,
    reshape,
    zeroPadding2d,
  ].map((op) => [op.name, op as Op]),
);

/** Ops by name. */
export type Ops = Readonly<Record<string, Op>>;

/** Names of the ops of networks, for error messages and for tests that must cover each. */
export const opNames: readonly string[] = [...ops.keys()];

/**
 * The op of a node.
 * @param more ops beyond those of networks, such as `importedOps`
 * @throws GraphError for an unknown op
 */
export function opOf(node: Pick<Node, "name" | "op">, more: Ops = {}): Op {
  const op = ops.get(node.op) ?? (Object.hasOwn(more, node.op) ? more[node.op] : undefined);
  if (op) return op;
  throw new GraphError({
    where: node.name,
    found: `unknown op "${node.op}"`,
    expected: `one of ${[...opNames, ...Object.keys(more)].join(", ")}`,
  });
}

/** The ops of a graph beyond those of networks, loaded only if the graph has one, as graphs of files may. */
export async function furtherOps({ nodes }: Graph): Promise<Ops> {
  return nodes.every(({ op }) => ops.has(op)) ? {} : (await import("./imported-ops.ts")).importedOps;
}

/** Narrows a node to an op and its attributes: `if (is(node, conv2d)) node.attrs.filters`. */
export function is<A extends Attrs>(node: Node, op: Op<A>): node is Node & { readonly attrs: A } {
  return node.op === op.name;
}

/** Narrows a node to one of the layers with weights, a bias and an activation; see `Op.weighted`. */
export function isWeighted(node: Node): node is Node & { readonly attrs: WeightedAttrs } {
  return ops.get(node.op)?.weighted === true;
}

/** Attributes of all layers with weights. */
export interface WeightedAttrs {
  readonly useBias: boolean;
  readonly activation: Activation;
}

/** Narrows a node to a convolution, which has a window; see `Op.convolution`. */
export function isConvolution<N extends Pick<Node, "op">>(node: N): node is N & { readonly attrs: ConvolutionAttrs } {
  return ops.get(node.op)?.convolution === true;
}

/** Attributes of all convolutions. */
export type ConvolutionAttrs = WeightedAttrs & WindowAttrs;

/** A layer's activation, built in or as the layer itself; undefined for a layer without one. */
export function activationOf(node: Node): Activation | undefined {
  return is(node, activation) || isWeighted(node) ? node.attrs.activation : undefined;
}
