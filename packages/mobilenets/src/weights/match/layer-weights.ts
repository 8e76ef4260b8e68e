import type { Graph, Node } from "../../graph/graph.ts";
import { batchNormalization } from "../../graph/ops/batch_normalization.ts";
import { depthwiseConv2d } from "../../graph/ops/depthwise_conv2d.ts";
import { is } from "../../graph/ops.ts";
import type { Shape, Tensor } from "../../tensor.ts";

/** Kinds of layers with weights. A dense layer counts as a 1x1 convolution, because libraries use either. */
export type LayerKind = "conv" | "depthwise" | "norm";

/**
 * One layer's weights from a foreign file, in our layouts and with our weight names: conv `kernel` [kh,kw,in,out] or
 * [in,out] and `bias`; depthwise `depthwise_kernel` [kh,kw,c,m] and `bias`; norm `gamma`, `beta`, `moving_mean`,
 * `moving_variance`, all [c].
 */
export interface LayerWeights {
  /** The layer's name in the file, for error messages. */
  readonly name: string;
  readonly kind: LayerKind;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/** A kernel's shape without a 1x1 window, so that dense layers compare equal. */
export function bareShape(shape: Shape): Shape {
  return shape.length === 4 && shape[0] === 1 && shape[1] === 1 ? shape.slice(2) : shape;
}

/** A network's layers with weights, in the order of data flow. */
export function layersWithWeights(graph: Graph): Node[] {
  return graph.nodes.filter((node) => node.inputs.some((input) => input in graph.params));
}

export function kindOf(node: Node): LayerKind {
  if (is(node, batchNormalization)) return "norm";
  return is(node, depthwiseConv2d) ? "depthwise" : "conv";
}
