import type { Node, Program } from "../graph/graph.ts";
import { batchNormalization } from "../graph/ops/batch_normalization.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { dense } from "../graph/ops/dense.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { is } from "../graph/ops.ts";
import { type Tensor, tensor } from "../tensor.ts";
import { rewrite, usesOf } from "./uses.ts";

/**
 * Batch norm after a convolution or dense layer is a scale and a shift per output channel: both go into kernel and
 * bias (computed in float64, rounded once). The layer keeps its name's parameters, with other values.
 */
export function foldBatchNorm({ graph, weights }: Program): Program {
  const uses = usesOf(graph);
  const replaced = new Map<string, Node | null>();
  const renamed = new Map<string, string>();
  const params = { ...graph.params };
  const values = { ...weights };
  for (const layer of graph.nodes) {
    if (!(is(layer, conv2d) || is(layer, depthwiseConv2d) || is(layer, dense))) continue;
    if (layer.attrs.activation !== "linear" || "residual" in layer.attrs) continue;
    const norm = uses.soleReader(layer.name);
    if (!norm || !is(norm, batchNormalization)) continue;

    const [gamma, beta, mean, variance] = norm.inputs.slice(1).map((name) => weights[name].data);
    const scale = Float64Array.from(gamma, (g, c) => g / Math.sqrt(variance[c] + norm.attrs.epsilon));
    const [x, kernel] = layer.inputs;
    const bias = layer.attrs.useBias ? weights[layer.inputs[2]].data : new Float32Array(scale.length);
    const biasName = `${layer.name}/bias`;
    values[kernel] = scaleChannels(weights[kernel], scale);
    values[biasName] = tensor(
      [scale.length],
      Float32Array.from(bias, (b, c) => (b - mean[c]) * scale[c] + beta[c]),
    );
    params[biasName] = { shape: [scale.length], trainable: true, init: "zeros" };
    replaced.set(layer.name, {
      ...layer,
      inputs: [x, kernel, biasName],
      attrs: { ...layer.attrs, useBias: true },
    });
    replaced.set(norm.name, null);
    renamed.set(norm.name, layer.name);
    for (const name of norm.inputs.slice(1)) {
      delete params[name];
      delete values[name];
    }
  }
  return { graph: { ...rewrite(graph, replaced, renamed), params }, weights: values };
}

/** The innermost dimensions of every kernel layout together count the output channels. */
function scaleChannels({ data, shape }: Tensor, scale: Float64Array): Tensor {
  const scaled = new Float32Array(data.length);
  // Plain nested loops: they run while the user waits for the first picture.
  for (let row = 0; row < data.length; row += scale.length) {
    for (let c = 0; c < scale.length; c++) scaled[row + c] = data[row + c] * scale[c];
  }
  return tensor(shape, scaled);
}
