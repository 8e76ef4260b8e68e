// Writes ops of imported models, which none of our networks has, as ONNX's operators.
import type { Node } from "../../graph/graph.ts";
import { concatenate } from "../../graph/ops/concatenate.ts";
import { cropping2d } from "../../graph/ops/cropping2d.ts";
import { layerNormalization } from "../../graph/ops/layer_normalization.ts";
import { logSoftmax } from "../../graph/ops/log_softmax.ts";
import { normalizeRows } from "../../graph/ops/normalize_rows.ts";
import { pooling2d } from "../../graph/ops/pooling2d.ts";
import { resize2d } from "../../graph/ops/resize2d.ts";
import { unary } from "../../graph/ops/unary.ts";
import { is } from "../../graph/ops.ts";
import { GELU_TANH, SELU, type UnaryFunction } from "../../graph/unary-functions.ts";
import { windowGeometry } from "../../graph/window.ts";
import type { Shape } from "../../tensor.ts";

type Attribute = number | string | readonly number[] | { readonly float: number };

/** The ONNX graph that nodes are written into. */
export interface Target {
  emit(
    opType: string,
    input: readonly string[],
    output: string,
    attributes?: Readonly<Record<string, Attribute>>,
  ): void;
  scalar(name: string, value: number): string;
  integers(name: string, values: readonly number[]): string;
  /** A parameter with one number per channel. */
  vector(name: string): string;
  nameOf(value: string): string;
  shape(value: string): Shape;
}

/**
 * Emits the node's operators.
 * @param x name of the first input in the file
 * @param y name of the result
 * @returns false for an op that is not written here
 */
export function writeImported(t: Target, node: Node, x: string, y: string): boolean {
  const rank = node.shape.length;
  if (is(node, unary)) bend(t, node.attrs.function, node.attrs.alpha ?? 0, x, y);
  else if (node.op === logSoftmax.name) t.emit("LogSoftmax", [x], y, { axis: rank === 4 ? 1 : -1 });
  else if (node.op === concatenate.name) {
    t.emit(
      "Concat",
      node.inputs.map((input) => t.nameOf(input)),
      y,
      { axis: rank === 4 ? 1 : -1 },
    );
  } else if (is(node, pooling2d)) {
    const [, height, width] = t.shape(node.inputs[0]);
    const { top, left, bottom, right } = windowGeometry(height, width, node.attrs).pad;
    const { kind, kernelSize, strides } = node.attrs;
    const window = { kernel_shape: kernelSize, strides, pads: [top, left, bottom, right] };
    t.emit(kind === "max" ? "MaxPool" : "AveragePool", [x], y, window);
  } else if (is(node, resize2d)) {
    const { height, width, interpolation } = node.attrs;
    const [batch, , , channels] = node.shape;
    const sizes = t.integers(`${y}/sizes`, [batch, channels, height, width]);
    const mode = interpolation === "bilinear" ? "linear" : "nearest";
    t.emit("Resize", [x, "", "", sizes], y, { mode, nearest_mode: "round_prefer_ceil" });
  } else if (is(node, cropping2d)) {
    const { top, left } = node.attrs.padding;
    const [, height, width] = node.shape;
    const begin = t.integers(`${y}/begin`, [top, left]);
    const end = t.integers(`${y}/end`, [top + height, left + width]);
    t.emit("Slice", [x, begin, end, t.integers(`${y}/axes`, [2, 3])], y);
  } else if (is(node, layerNormalization) && rank === 2) {
    const [gamma, beta] = node.inputs.slice(1).map((name) => t.vector(name));
    t.emit("LayerNormalization", [x, gamma, beta], y, { axis: -1, epsilon: { float: node.attrs.epsilon } });
  } else if (is(node, normalizeRows)) normalise(t, node.attrs, rank === 4 ? 1 : -1, x, y);
  else return false;
  return true;
}

/** Normalises over the channels. */
function normalise(
  t: Target,
  { kind, epsilon }: { readonly kind: "length" | "variance"; readonly epsilon: number },
  axis: number,
  x: string,
  y: string,
): void {
  const axes = { axes: [axis], keepdims: 1 };
  if (kind === "length") {
    t.emit("ReduceL2", [x], `${y}/length`, axes);
    t.emit("Max", [`${y}/length`, t.scalar(`${y}/least`, Math.sqrt(epsilon))], `${y}/divisor`);
    t.emit("Div", [x, `${y}/divisor`], y);
    return;
  }
  t.emit("ReduceMean", [x], `${y}/mean`, axes);
  t.emit("Sub", [x, `${y}/mean`], `${y}/centred`);
  t.emit("Mul", [`${y}/centred`, `${y}/centred`], `${y}/squares`);
  t.emit("ReduceMean", [`${y}/squares`], `${y}/variance`, axes);
  t.emit("Add", [`${y}/variance`, t.scalar(`${y}/epsilon`, epsilon)], `${y}/sum`);
  t.emit("Sqrt", [`${y}/sum`], `${y}/deviation`);
  t.emit("Div", [`${y}/centred`, `${y}/deviation`], y);
}

/** Functions with a single operator. */
const OPERATORS: Partial<Record<UnaryFunction, string>> = {
  elu: "Elu",
  selu: "Selu",
  tanh: "Tanh",
  leaky_relu: "LeakyRelu",
  softplus: "Softplus",
  softsign: "Softsign",
  exponential: "Exp",
  log: "Log",
};

function bend(t: Target, name: UnaryFunction, alpha: number, x: string, y: string): void {
  const opType = OPERATORS[name];
  const part = (of: string) => `${y}/${of}`;
  if (name === "hard_shrink") {
    t.emit("Shrink", [x], y, { lambd: { float: alpha }, bias: { float: 0 } });
  } else if (name === "squareplus") {
    t.emit("Mul", [x, x], part("square"));
    t.emit("Add", [part("square"), t.scalar(part("b"), alpha)], part("sum"));
    t.emit("Sqrt", [part("sum")], part("length"));
    t.emit("Add", [x, part("length")], part("twice"));
    t.emit("Mul", [part("twice"), t.scalar(part("half"), 0.5)], y);
  } else if (opType) {
    const { alpha: slope, scale } = SELU;
    const selu = { alpha: { float: slope }, gamma: { float: scale } };
    const bent = name === "elu" || name === "leaky_relu" ? { alpha: { float: alpha } } : undefined;
    t.emit(opType, [x], y, name === "selu" ? selu : bent);
  } else if (name === "silu") {
    t.emit("Sigmoid", [x], part("gate"));
    t.emit("Mul", [x, part("gate")], y);
  } else if (name === "mish") {
    t.emit("Softplus", [x], part("softplus"));
    t.emit("Tanh", [part("softplus")], part("gate"));
    t.emit("Mul", [x, part("gate")], y);
  } else {
    // gelu: x / 2 times 1 plus a term from -1 to 1.
    if (name === "gelu") {
      t.emit("Div", [x, t.scalar(part("root"), Math.SQRT2)], part("scaled"));
      t.emit("Erf", [part("scaled")], part("bend"));
    } else {
      t.emit("Pow", [x, t.scalar(part("three"), 3)], part("cube"));
      t.emit("Mul", [part("cube"), t.scalar(part("cubic"), GELU_TANH.cubic)], part("term"));
      t.emit("Add", [x, part("term")], part("polynomial"));
      t.emit("Mul", [part("polynomial"), t.scalar(part("root"), GELU_TANH.root)], part("scaled"));
      t.emit("Tanh", [part("scaled")], part("bend"));
    }
    t.emit("Add", [part("bend"), t.scalar(part("one"), 1)], part("share"));
    t.emit("Mul", [x, part("share")], part("twice"));
    t.emit("Mul", [part("twice"), t.scalar(part("half"), 0.5)], y);
  }
}
