// Writes ops of imported models, which none of our networks has, as TFLite's operators.
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
import { SELU, type UnaryFunction } from "../../graph/unary-functions.ts";
import { namedPadding, type WindowAttrs } from "../../graph/window.ts";
import type { Shape, Tensor } from "../../tensor.ts";
import type { Option } from "./encode.ts";
import {
  CONCATENATION_OPTIONS,
  GELU_OPTIONS,
  LEAKY_RELU_OPTIONS,
  type OpName,
  PADDING,
  POOL_OPTIONS,
  REDUCER_OPTIONS,
  RESIZE_BILINEAR_OPTIONS,
  RESIZE_NEAREST_OPTIONS,
} from "./schema.ts";

/** The TFLite file that nodes are written into. Numbers are tensor indices. */
export interface Target {
  emit(op: OpName, inputs: readonly number[], name: string, shape: Shape, options?: readonly Option[]): number;
  constant(name: string, shape: Shape, data: Float32Array | Int32Array): number;
  indexOf(value: string): number;
  weights(value: string): Tensor;
  shape(value: string): Shape;
}

/**
 * Emits the node's operators.
 * @param x tensor of the first input
 * @returns tensor of the result
 * @throws WeightsError for an op without TFLite operators that we can read back
 */
export function writeImported(t: Target, node: Node, x: number): number {
  const { name, shape, inputs } = node;
  if (is(node, unary)) return bend(t, node, x);
  if (node.op === logSoftmax.name) return t.emit("LOG_SOFTMAX", [x], name, shape);
  if (node.op === concatenate.name) {
    const axis: Option = [CONCATENATION_OPTIONS.axis, "int32", shape.length - 1];
    return t.emit(
      "CONCATENATION",
      inputs.map((input) => t.indexOf(input)),
      name,
      shape,
      [axis],
    );
  }
  if (is(node, pooling2d)) {
    const { kind, kernelSize, strides } = node.attrs;
    const o = POOL_OPTIONS;
    return t.emit(kind === "max" ? "MAX_POOL_2D" : "AVERAGE_POOL_2D", [x], name, shape, [
      [o.padding, "int8", paddingOf(t, node)],
      [o.strideW, "int32", strides[1]],
      [o.strideH, "int32", strides[0]],
      [o.filterW, "int32", kernelSize[1]],
      [o.filterH, "int32", kernelSize[0]],
    ]);
  }
  if (is(node, resize2d)) {
    const { height, width, interpolation } = node.attrs;
    const size = t.constant(`${name}/size`, [2], Int32Array.of(height, width));
    const [op, o] =
      interpolation === "nearest"
        ? (["RESIZE_NEAREST_NEIGHBOR", RESIZE_NEAREST_OPTIONS] as const)
        : (["RESIZE_BILINEAR", RESIZE_BILINEAR_OPTIONS] as const);
    return t.emit(op, [x, size], name, shape, [[o.halfPixelCenters, "int8", 1]]);
  }
  if (is(node, cropping2d)) {
    const { top, left } = node.attrs.padding;
    return slice(t, node, x, [0, top, left, 0]);
  }
  if (is(node, sliceChannels)) return slice(t, node, x, [...shape.slice(1).map(() => 0), node.attrs.begin]);
  if (is(node, layerNormalization)) {
    const [gamma, beta] = inputs.slice(1).map((param) => t.weights(param));
    const centred = deviate(t, node, x, node.attrs.epsilon, `${name}/normalized`);
    const scaled = t.emit(
      "MUL",
      [centred, t.constant(`${name}/gamma`, gamma.shape, gamma.data)],
      `${name}/scaled`,
      shape,
    );
    return t.emit("ADD", [scaled, t.constant(`${name}/beta`, beta.shape, beta.data)], name, shape);
  }
  if (is(node, normalizeRows)) {
    const { kind, epsilon } = node.attrs;
    if (kind === "variance") return deviate(t, node, x, epsilon, name);
    const squares = t.emit("SQUARE", [x], `${name}/squares`, shape);
    const sum = reduce(t, node, squares, "SUM", "power");
    const least = scalar(t, `${name}/least`, epsilon);
    const bounded = t.emit("MAXIMUM", [sum, least], `${name}/bounded`, pixel(shape));
    return t.emit("MUL", [x, t.emit("RSQRT", [bounded], `${name}/inverse`, pixel(shape))], name, shape);
  }
  throw refuse(node, `${node.op}, for which TFLite has no operator`);
}

const scalar = (t: Target, name: string, value: number) => t.constant(name, [], Float32Array.of(value));
const pixel = (shape: Shape): Shape => [...shape.slice(0, -1), 1];

/** Reduces the channels to one. */
function reduce(t: Target, { name, shape }: Node, x: number, op: "MEAN" | "SUM", part: string): number {
  const axes = t.constant(`${name}/${part}/axis`, [1], Int32Array.of(shape.length - 1));
  return t.emit(op, [x, axes], `${name}/${part}`, pixel(shape), [[REDUCER_OPTIONS.keepDims, "int8", 1]]);
}

/** Emits (x - mean) / sqrt(variance + epsilon) over the channels. */
function deviate(t: Target, node: Node, x: number, epsilon: number, result: string): number {
  const { name, shape } = node;
  const centred = t.emit("SUB", [x, reduce(t, node, x, "MEAN", "mean")], `${name}/centred`, shape);
  const variance = reduce(t, node, t.emit("SQUARE", [centred], `${name}/squares`, shape), "MEAN", "variance");
  const sum = t.emit("ADD", [variance, scalar(t, `${name}/epsilon`, epsilon)], `${name}/sum`, pixel(shape));
  return t.emit("MUL", [centred, t.emit("RSQRT", [sum], `${name}/inverse`, pixel(shape))], result, shape);
}

/** Emits a slice of the result's size from `begin` on. */
function slice(t: Target, { name, shape }: Node, x: number, begin: readonly number[]): number {
  const from = t.constant(`${name}/begin`, [shape.length], Int32Array.from(begin));
  const size = t.constant(`${name}/size`, [shape.length], Int32Array.from([-1, ...shape.slice(1)]));
  return t.emit("SLICE", [x, from, size], name, shape);
}

/** The padding of a window; TFLite has only SAME and VALID. */
function paddingOf(t: Target, node: Node & { readonly attrs: WindowAttrs }): number {
  const [, height, width] = t.shape(node.inputs[0]);
  const named = namedPadding(height, width, node.attrs);
  if (named) return PADDING[named];
  throw refuse(node, `pooling with padding ${JSON.stringify(node.attrs.padding)}`, "none, or TensorFlow's");
}

/** Functions with a single operator. */
const OPERATORS: Partial<Record<UnaryFunction, OpName>> = { tanh: "TANH", exponential: "EXP", log: "LOG" };

function bend(
  t: Target,
  node: Node & { readonly attrs: { function: UnaryFunction; alpha?: number } },
  x: number,
): number {
  const { name, shape } = node;
  const { function: f, alpha = 0 } = node.attrs;
  const op = OPERATORS[f];
  if (op) return t.emit(op, [x], name, shape);
  if (f === "gelu" || f === "gelu_tanh") {
    return t.emit("GELU", [x], name, shape, [[GELU_OPTIONS.approximate, "int8", f === "gelu" ? 0 : 1]]);
  }
  if (f === "leaky_relu") return t.emit("LEAKY_RELU", [x], name, shape, [[LEAKY_RELU_OPTIONS.alpha, "float32", alpha]]);
  if (f === "silu") return t.emit("MUL", [x, t.emit("LOGISTIC", [x], `${name}/gate`, shape)], name, shape);
  if (f === "elu" && alpha === 1) return t.emit("ELU", [x], name, shape);
  if (f === "elu" || f === "selu") {
    // The negative part of ELU times alpha, and the positive part.
    const [below, above] = f === "elu" ? [alpha, 1] : [SELU.scale * SELU.alpha, SELU.scale];
    const scaled = (of: number, factor: number, part: string) =>
      t.emit("MUL", [of, scalar(t, `${name}/${part}/factor`, factor)], `${name}/${part}`, shape);
    const positive = t.emit("RELU", [x], `${name}/above`, shape);
    const least = t.emit("SUB", [x, positive], `${name}/least`, shape);
    const bent = scaled(t.emit("ELU", [least], `${name}/elu`, shape), below, "below");
    return t.emit("ADD", [bent, above === 1 ? positive : scaled(positive, above, "scaled")], name, shape);
  }
  throw refuse(node, `the function ${f}, for which TFLite has no operator`);
}

function refuse({ name }: Node, found: string, expected?: string): WeightsError {
  const hint = "convert to ONNX or safetensors, which hold it";
  return new WeightsError({ where: name, found, expected, hint });
}
