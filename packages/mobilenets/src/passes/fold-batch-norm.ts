import { scaled } from "../deferred.ts";
import type { Node, ParamSpec, Program, Weights } from "../graph/graph.ts";
import { type BatchNormalizationAttrs, batchNormalization } from "../graph/ops/batch_normalization.ts";
import { is, isWeighted } from "../graph/ops.ts";
import { realsOf, type Tensor, tensor } from "../tensor.ts";
import { rewrite, typedAs, usesOf } from "./uses.ts";

/**
 * Folds batch norm after a convolution or dense layer, a scale and a shift per output channel, into the layer's kernel
 * and bias (computed in float64, rounded once). The layer keeps its parameters' names, with other values.
 */
export function foldBatchNorm(program: Program): Program {
  const { graph, weights } = foldBatchNormIntoScales(program);
  const plain = Object.entries(weights).map(([name, kernel]) => [
    name,
    kernel.scales ? { shape: kernel.shape, data: realsOf(kernel) } : kernel,
  ]);
  return { graph, weights: Object.fromEntries(plain) };
}

/**
 * The same, but kernels keep their numbers and get scales. The packer multiplies while it copies, which saves a pass over
 * the model's memory before the first picture.
 */
export function foldBatchNormIntoScales({ graph, weights }: Program): Program {
  const uses = usesOf(graph);
  const replaced = new Map<string, Node | null>();
  const renamed = new Map<string, string>();
  const removed = new Set<string>();
  const params: Record<string, ParamSpec> = {};
  const values: Record<string, Tensor> = {};
  const taken = new Set(graph.nodes.map(({ name }) => name));
  for (const layer of graph.nodes) {
    if (!isWeighted(layer)) continue;
    if (layer.attrs.activation !== "linear" || "residual" in layer.attrs) continue;
    const norm = uses.soleReader(layer.name);
    if (!norm || !is(norm, batchNormalization)) continue;

    const [x, kernel] = layer.inputs;
    let biasName = `${layer.name}/bias`;
    // A file's graph may already have a parameter of this name, e.g. from TensorFlow.
    while (taken.has(biasName)) biasName += "_1";
    const { scale, bias } = affineOf(norm, weights, layer.attrs.useBias ? weights[layer.inputs[2]].data : null);
    const { scales } = weights[kernel];
    const folded = scales ? scale.map((factor, c) => factor * scales[c]) : scale;
    values[kernel] = scaled(weights[kernel], folded);
    values[biasName] = bias;
    params[biasName] = { shape: bias.shape, trainable: true, init: "zeros" };
    replaced.set(layer.name, {
      ...typedAs(layer, norm),
      inputs: [x, kernel, biasName],
      attrs: { ...layer.attrs, useBias: true },
    });
    replaced.set(norm.name, null);
    renamed.set(norm.name, layer.name);
    for (const name of norm.inputs.slice(1)) removed.add(name);
  }
  return {
    graph: { ...rewrite(graph, replaced, renamed), params: { ...without(graph.params, removed), ...params } },
    weights: { ...without(weights, removed), ...values },
  };
}

/** The norm's scale and shift of each channel of a layer with this bias. */
function affineOf(
  { inputs, attrs }: Node & { readonly attrs: BatchNormalizationAttrs },
  weights: Weights,
  own: Float32Array | null,
): { scale: Float64Array; bias: Tensor } {
  const [gamma, beta, mean, variance] = inputs.slice(1).map((name) => weights[name].data);
  const scale = new Float64Array(gamma.length);
  const bias = new Float32Array(gamma.length);
  // A plain loop: a user waits for the first picture, and V8 runs per-element callbacks slowly until they are hot.
  for (let c = 0; c < scale.length; c++) {
    scale[c] = gamma[c] / Math.sqrt(variance[c] + attrs.epsilon);
    bias[c] = ((own ? own[c] : 0) - mean[c]) * scale[c] + beta[c];
  }
  return { scale, bias: tensor([bias.length], bias) };
}

function without<T>(record: Readonly<Record<string, T>>, removed: ReadonlySet<string>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !removed.has(name)));
}
