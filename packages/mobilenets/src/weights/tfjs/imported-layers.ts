// Writes ops of imported models, which none of our networks has, as TensorFlow.js' layers.
import { WeightsError } from "../../errors.ts";
import type { Node } from "../../graph/graph.ts";
import { concatenate } from "../../graph/ops/concatenate.ts";
import { cropping2d } from "../../graph/ops/cropping2d.ts";
import { layerNormalization } from "../../graph/ops/layer_normalization.ts";
import { logSoftmax } from "../../graph/ops/log_softmax.ts";
import { normalizeRows } from "../../graph/ops/normalize_rows.ts";
import { pooling2d } from "../../graph/ops/pooling2d.ts";
import { resize2d } from "../../graph/ops/resize2d.ts";
import { sliceChannels } from "../../graph/ops/slice_channels.ts";
import { unary } from "../../graph/ops/unary.ts";
import { is } from "../../graph/ops.ts";
import { GELU_TANH, type UnaryFunction } from "../../graph/unary-functions.ts";
import { namedPadding, type WindowAttrs } from "../../graph/window.ts";
import { type Shape, sizeOf } from "../../tensor.ts";
import type { JsonObject } from "../containers/json.ts";

/** The TensorFlow.js model that nodes are written into. */
export interface Target {
  /** Adds a layer and returns its name. */
  add(className: string, name: string, inputs: readonly string[], config: JsonObject): string;
  /** An unused name. */
  unique(wanted: string): string;
  /** Shape of a value of the graph, at batch 1. */
  shape(value: string): Shape;
}

const INSTEAD = "convert to TFLite, ONNX or safetensors, which hold it";

/** Functions that are activations in TensorFlow.js, with its names. */
const ACTIVATIONS: Partial<Record<UnaryFunction, string>> = {
  silu: "swish",
  gelu: "gelu",
  selu: "selu",
  tanh: "tanh",
  mish: "mish",
  softplus: "softplus",
  softsign: "softsign",
};

/**
 * Adds the node's layers; the last one has its name.
 * @param inputs layers that make the node's inputs
 * @throws WeightsError for an op without a layer in TensorFlow.js
 */
export function addImported(t: Target, node: Node, name: string, inputs: readonly string[]): void {
  const [x] = inputs;
  const { shape } = node;
  const channelsLast = { data_format: "channels_last" };
  if (is(node, unary)) bend(t, node, name, x);
  else if (node.op === logSoftmax.name) t.add("Activation", name, [x], { activation: "log_softmax" });
  else if (node.op === concatenate.name) t.add("Concatenate", name, inputs, { axis: -1 });
  else if (is(node, layerNormalization)) {
    t.add("LayerNormalization", name, [x], { axis: [-1], epsilon: node.attrs.epsilon, center: true, scale: true });
  } else if (is(node, normalizeRows) && node.attrs.kind === "variance") {
    t.add("LayerNormalization", name, [x], { axis: [-1], epsilon: node.attrs.epsilon, center: false, scale: false });
  } else if (is(node, cropping2d)) {
    const { top, bottom, left, right } = node.attrs.padding;
    const cropping = [
      [top, bottom],
      [left, right],
    ];
    t.add("Cropping2D", name, [x], { cropping, ...channelsLast });
  } else if (is(node, pooling2d)) {
    const { kind, kernelSize, strides } = node.attrs;
    const padding = paddingOf(t, node);
    const className = kind === "max" ? "MaxPooling2D" : "AveragePooling2D";
    t.add(className, name, [x], { pool_size: kernelSize, strides, padding, ...channelsLast });
  } else if (is(node, sliceChannels)) {
    // The channels become the rows of a map.
    const channels = t.shape(node.inputs[0]).at(-1) as number;
    const { begin, size } = node.attrs;
    const pixels = sizeOf(shape.slice(1)) / size;
    const rows = t.add("Reshape", t.unique(`${name}_rows`), [x], { target_shape: [pixels, channels, 1] });
    const cropping = [
      [0, 0],
      [begin, channels - begin - size],
    ];
    const cut = t.add("Cropping2D", t.unique(`${name}_cut`), [rows], { cropping, ...channelsLast });
    t.add("Reshape", name, [cut], { target_shape: shape.slice(1) });
  } else if (is(node, resize2d)) {
    const [, height, width] = t.shape(node.inputs[0]);
    const size = [shape[1] / height, shape[2] / width];
    if (node.attrs.interpolation !== "nearest" || !size.every(Number.isInteger)) {
      throw refuse(
        node,
        "a resize that TensorFlow.js computes without half-pixel centres",
        "one to whole multiples, nearest",
      );
    }
    t.add("UpSampling2D", name, [x], { size, interpolation: "nearest", ...channelsLast });
  } else throw refuse(node, `${node.op}, for which TensorFlow.js has no layer`);
}

function bend(
  t: Target,
  node: Node & { readonly attrs: { function: UnaryFunction; alpha?: number } },
  name: string,
  x: string,
) {
  const { function: f, alpha = 0 } = node.attrs;
  const activation = ACTIVATIONS[f];
  if (activation) t.add("Activation", name, [x], { activation });
  else if (f === "gelu_tanh") geluByTanh(t, name, x);
  else if (f === "elu") elu(t, name, x, alpha);
  else if (f === "leaky_relu") t.add("LeakyReLU", name, [x], { alpha });
  else if (f === "hard_shrink") {
    const negative = (of: string, input: string) =>
      t.add("Rescaling", t.unique(`${name}_${of}`), [input], { scale: -1, offset: 0 });
    const above = t.add("ThresholdedReLU", t.unique(`${name}_above`), [x], { theta: alpha });
    const below = t.add("ThresholdedReLU", t.unique(`${name}_below`), [negative("minus", x)], { theta: alpha });
    t.add("Add", name, [above, negative("minus_below", below)], {});
  } else throw refuse(node, `the function ${f}, for which TensorFlow.js has no layer`);
}

/** TensorFlow.js' elu has scale 1: this adds its negative part times the scale and its positive part. */
function elu(t: Target, name: string, x: string, scale: number): void {
  if (scale === 1) {
    t.add("ELU", name, [x], { alpha: 1 });
    return;
  }
  const layer = (className: string, part: string, inputs: readonly string[], config: JsonObject = {}) =>
    t.add(className, t.unique(`${name}_${part}`), inputs, config);
  const above = layer("ReLU", "above", [x], { max_value: null });
  const minus = layer("Rescaling", "minus", [above], { scale: -1, offset: 0 });
  const bent = layer("ELU", "bent", [layer("Add", "below", [x, minus])], { alpha: 1 });
  t.add("Add", name, [above, layer("Rescaling", "scaled", [bent], { scale, offset: 0 })], {});
}

/** x times the sigmoid of twice the tanh's argument. TensorFlow.js' own activation cannot be named in a file. */
function geluByTanh(t: Target, name: string, x: string): void {
  const { root, cubic } = GELU_TANH;
  const layer = (className: string, part: string, inputs: readonly string[], config: JsonObject = {}) =>
    t.add(className, t.unique(`${name}_${part}`), inputs, config);
  // x (a + a c x^2), because no TensorFlow.js layer takes one value twice.
  const square = layer("Multiply", "square", [
    x,
    layer("Rescaling", "part", [x], { scale: 2 * root * cubic, offset: 0 }),
  ]);
  const factor = layer("Rescaling", "factor", [square], { scale: 1, offset: 2 * root });
  const polynomial = layer("Multiply", "polynomial", [x, factor]);
  t.add("Multiply", name, [x, layer("Activation", "gate", [polynomial], { activation: "sigmoid" })], {});
}

/** The padding of a window; TensorFlow.js has only `same` and `valid`. */
function paddingOf(t: Target, node: Node & { readonly attrs: WindowAttrs }): string {
  const [, height, width] = t.shape(node.inputs[0]);
  const named = namedPadding(height, width, node.attrs);
  if (named) return named;
  throw refuse(node, `pooling with padding ${JSON.stringify(node.attrs.padding)}`, "none, or TensorFlow's");
}

function refuse({ name }: Node, found: string, expected?: string): WeightsError {
  return new WeightsError({ where: name, found, expected, hint: INSTEAD });
}
