import { isDeferred } from "../../deferred.ts";
import type { Graph, Weights } from "../../graph/graph.ts";
import { sameShape, type Tensor, type TensorData } from "../../tensor.ts";

/**
 * Tensors as a graph's weights, in the order of its parameters, not copied: each parameter must have one float32 tensor
 * of its shape, and no tensor may be left.
 * @returns undefined if they do not fit; `matchWeights` gives the reason
 */
export function fittingWeights(
  graph: Graph,
  tensors: Readonly<Record<string, Tensor<TensorData>>>,
): Weights | undefined {
  const params = Object.entries(graph.params);
  if (Object.keys(tensors).length !== params.length) return undefined;
  const weights: Record<string, Tensor> = {};
  for (const [name, { shape }] of params) {
    const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    if (!tensor || !isFloat32(tensor) || !sameShape(tensor.shape, shape)) return undefined;
    weights[name] = tensor;
  }
  return weights;
}

export function isFloat32(tensor: Tensor<TensorData>): tensor is Tensor {
  return isDeferred(tensor) || tensor.data instanceof Float32Array;
}
