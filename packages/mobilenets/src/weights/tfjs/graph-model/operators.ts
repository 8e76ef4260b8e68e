import type { Activation } from "../../../graph/activations.ts";
import type { UnaryFunction } from "../../../graph/unary-functions.ts";
import type { Padding } from "../../../graph/window.ts";
import { show } from "../../../show.ts";
import { formatShape, sameShape, sizeOf, type Tensor, tensor } from "../../../tensor.ts";
import type { GraphImport, Operand } from "../../import/graph-import.ts";
import {
  type Arithmetic,
  type Given,
  isRows,
  reduceRows,
  rowArithmetic,
  square,
  squareRoot,
} from "../../import/row-algebra.ts";
import type { NodeDef } from "./graph-def.ts";

/** A node to import, with its inputs. */
export interface Call {
  readonly graph: GraphImport;
  readonly node: NodeDef;
  /** Name of the result. */
  readonly name: string;
  readonly operands: readonly Given[];
  /** Names the file and the node. */
  readonly where: string;
}

type Import = (call: Call) => Given;

/** @throws WeightsError for an op or form that MobileNets do not have; it names the node */
export function importNode(call: Call): Given {
  const known = imports.get(call.node.op);
  if (known) return known(call);
  const hint =
    "a layers model (.keras, .h5, or converted with --output_format tfjs_layers_model) may have it as a supported layer";
  return call.node.refuse("an op that MobileNets do not have", [...imports.keys()].join(", "), hint);
}

const imports: ReadonlyMap<string, Import> = new Map<string, Import>([
  ["Identity", (call) => operand(call, 0)],
  ["StopGradient", (call) => operand(call, 0)],
  ["Conv2D", convolution("conv")],
  ["_FusedConv2D", convolution("conv")],
  ["DepthwiseConv2dNative", convolution("depthwise")],
  ["FusedDepthwiseConv2dNative", convolution("depthwise")],
  ["MatMul", matMul],
  ["_FusedMatMul", matMul],
  ["BiasAdd", arithmetic("add")],
  ["Add", arithmetic("add")],
  ["AddV2", arithmetic("add")],
  // The current converter writes a residual addition so.
  ["AddN", sum],
  ["Sub", arithmetic("subtract")],
  ["Mul", arithmetic("multiply")],
  ["RealDiv", arithmetic("divide")],
  ["Maximum", arithmetic("maximum")],
  ["Minimum", arithmetic("minimum")],
  ["Neg", negated],
  ["Square", (call) => square(call, given(call, 0))],
  ["SquaredDifference", (call) => square(call, rowArithmetic(call, "subtract", given(call, 0), given(call, 1)))],
  ["Sqrt", (call) => squareRoot(call, given(call, 0), false)],
  ["Rsqrt", (call) => squareRoot(call, given(call, 0), true)],
  [
    "Sum",
    (call) =>
      alongChannels(call) ? reduceRows(call, given(call, 0), "sum") : call.node.refuse("a sum", "one of the channels"),
  ],
  ["Prelu", (call) => ({ value: call.graph.prelu(call.name, value(call), constant(call, 1)) })],
  ["FusedBatchNorm", batchNorm],
  ["FusedBatchNormV2", batchNorm],
  ["FusedBatchNormV3", batchNorm],
  ["Relu", elementwise("relu")],
  ["Relu6", elementwise("relu6")],
  ["Sigmoid", elementwise("sigmoid")],
  // TensorFlow's optimiser for Intel processors fuses the five operators of a hard swish into it.
  ["_FusedHardSwish", elementwise("hard_swish")],
  ["_FusedSwish", unary("silu")],
  ["Elu", unary("elu", () => 1)],
  ["Selu", unary("selu")],
  ["Tanh", unary("tanh")],
  ["Softplus", unary("softplus")],
  ["Softsign", unary("softsign")],
  ["Exp", unary("exponential")],
  ["Log", unary("log")],
  ["LeakyRelu", unary("leaky_relu", ({ node }) => node.number("alpha") ?? 0.2)],
  ["Softmax", elementwise("softmax")],
  ["LogSoftmax", (call) => ({ value: call.graph.logSoftmax(call.name, value(call)) })],
  ["Mean", reduction("average")],
  ["Max", reduction("max")],
  ["AvgPool", pooling("average")],
  ["MaxPool", pooling("max")],
  ["ResizeBilinear", resize("bilinear")],
  ["ResizeNearestNeighbor", resize("nearest")],
  ["ConcatV2", concatenate],
  ["Pad", pad],
  ["PadV2", pad],
  ["Reshape", reshape],
  ["Squeeze", squeeze],
  // Keras computes the batch size for a reshape so; here it is 1.
  ["Shape", (call) => ({ constant: vector(call.graph.shapeOf(value(call))) })],
  ["StridedSlice", slice],
  ["Pack", (call) => ({ constant: vector(call.operands.flatMap((_, i) => [...constant(call, i).data])) })],
]);

const ACTIVATIONS: ReadonlyMap<string, Activation> = new Map([
  ["Relu", "relu"],
  ["Relu6", "relu6"],
  ["Sigmoid", "sigmoid"],
  ["_FusedHardSwish", "hard_swish"],
]);

/** Functions that become a separate op after a layer. */
const FUNCTIONS: ReadonlyMap<string, (call: Call) => readonly [UnaryFunction, number?]> = new Map<
  string,
  (call: Call) => readonly [UnaryFunction, number?]
>([
  ["Elu", () => ["elu", 1]],
  ["Tanh", () => ["tanh"]],
  ["LeakyRelu", ({ node }) => ["leaky_relu", node.number("leakyrelu_alpha") ?? 0.2]],
  ["GeluExact", () => ["gelu"]],
  ["GeluApproximate", () => ["gelu_tanh"]],
]);

function given({ operands, node }: Call, i: number): Given {
  return operands[i] ?? node.refuse(`no input ${i}`);
}

function operand(call: Call, i: number): Operand {
  const found = given(call, i);
  if (!isRows(found)) return found;
  return call.node.refuse("a mean or a sum along the channels", "one in a layer norm or a division by the length");
}

/** The first input, which must be a result. */
function value(call: Call): string {
  const found = operand(call, 0);
  return "value" in found ? found.value : call.node.refuse("a constant as input", "a result of another node");
}

function constant(call: Call, i: number): Tensor {
  const found = operand(call, i);
  return "constant" in found ? found.constant : call.node.refuse(`a result as input ${i}`, "a constant");
}

function vector(values: readonly number[]): Tensor {
  return tensor([values.length], values);
}

interface Fused {
  readonly bias: Tensor | undefined;
  readonly act: Activation;
  /** Adds the function after a layer if it cannot be built in. */
  behind(name: string, add: (name: string) => string): Operand;
}

/** The bias and activation that the converter fused into a layer, e.g. `["BiasAdd", "Relu6"]`. */
function fused(call: Call): Fused {
  const ops = call.node.texts("fused_ops");
  const [first, second = "", ...rest] = ops[0] === "BiasAdd" ? ops : ["", ...ops];
  const act = second === "" ? "linear" : ACTIVATIONS.get(second);
  const own = FUNCTIONS.get(second)?.(call);
  // The slopes come after the bias.
  const slopes = second === "Prelu" ? constant(call, first === "" ? 2 : 3) : undefined;
  if (!(act || own || slopes) || rest.length > 0) {
    const known = [...ACTIVATIONS.keys(), ...FUNCTIONS.keys(), "Prelu"];
    return call.node.refuse(`fused ${show(ops)}`, `BiasAdd and one of ${known.join(", ")}`);
  }
  return {
    bias: first === "" ? undefined : constant(call, 2),
    act: act ?? "linear",
    behind(name, add) {
      if (slopes) return { value: call.graph.prelu(name, add(`${name}/linear`), slopes) };
      return { value: own ? call.graph.unary(name, add(`${name}/linear`), ...own) : add(name) };
    },
  };
}

/** The middle two of four numbers, for height and width; the others must be 1. */
function spatial(call: Call, key: string, fallback: readonly number[]): readonly [number, number] {
  const given = call.node.integers(key);
  const [batch, height, width, channels] = given.length > 0 ? given : fallback;
  if (batch === 1 && channels === 1 && height >= 1 && width >= 1) return [height, width];
  return call.node.refuse(`${key} ${formatShape(given)}`, "[1,height,width,1]");
}

function paddingOf(call: Call): Padding {
  const name = call.node.text("padding");
  if (name === "SAME") return "same";
  if (name === "VALID") return "valid";
  if (name !== "EXPLICIT") return call.node.refuse(`padding ${show(name)}`, "SAME, VALID or EXPLICIT");
  const [, , top, bottom, left, right] = call.node.integers("explicit_paddings");
  const sides = { top, bottom, left, right };
  if (Object.values(sides).every((n) => Number.isSafeInteger(n) && n >= 0 && n < 1 << 16)) return sides;
  return call.node.refuse("explicit padding without sizes", "eight of them");
}

function checkLayout({ node }: Call): void {
  const layout = node.text("data_format") ?? "NHWC";
  if (layout !== "NHWC") node.refuse(`data_format ${show(layout)}`, "NHWC");
}

function convolution(kind: "conv" | "depthwise"): Import {
  return (call) => {
    checkLayout(call);
    const dilations = spatial(call, "dilations", [1, 1, 1, 1]);
    if (!sameShape(dilations, [1, 1])) call.node.refuse(`dilations ${formatShape(dilations)}`, "[1,1]");
    const window = { strides: spatial(call, "strides", []), padding: paddingOf(call) };
    const { bias, act, behind } = fused(call);
    return behind(call.name, (name) => call.graph[kind](name, value(call), constant(call, 1), bias, window, act));
  };
}

function matMul(call: Call): Operand {
  if (call.node.flag("transpose_a")) call.node.refuse("a transposed input", "a plain one");
  const stored = constant(call, 1);
  const kernel = call.node.flag("transpose_b") ? transposed(stored, call) : stored;
  const { bias, act, behind } = fused(call);
  return behind(call.name, (name) => call.graph.dense(name, value(call), kernel, bias, act));
}

function transposed({ data, shape }: Tensor, call: Call): Tensor {
  if (shape.length !== 2) return call.node.refuse(`weights of shape ${formatShape(shape)}`, "2 dimensions");
  const [rows, columns] = shape;
  return tensor(
    [columns, rows],
    data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]),
  );
}

function arithmetic(kind: Arithmetic): Import {
  return (call) => {
    const [a, b] = [given(call, 0), given(call, 1)];
    if (isRows(a) || isRows(b)) return rowArithmetic(call, kind, a, b);
    return { value: call.graph[kind](call.name, operand(call, 0), operand(call, 1)) };
  };
}

function negated(call: Call): Given {
  const x = given(call, 0);
  if (isRows(x)) return rowArithmetic(call, "multiply", x, { constant: tensor([], [-1]) });
  return { value: call.graph.affine(call.name, value(call), -1, 0) };
}

/** Whether a reduction is over the last axis and keeps it. */
function alongChannels(call: Call): boolean {
  const x = given(call, 0);
  const [axis, ...more] = constant(call, 1).data;
  const last = "value" in x ? axis === call.graph.shapeOf(x.value).length - 1 : axis > 0 && axis !== 2;
  return more.length === 0 && (axis === -1 || last) && call.node.flag("keep_dims");
}

/** Adds any number of inputs, one after the other. */
function sum(call: Call): Given {
  const [first, ...rest] = call.operands;
  if (rest.length === 0) call.node.refuse(`${call.operands.length} inputs`, "2 or more");
  return rest.reduce((x, y, i) => {
    const name = i === rest.length - 1 ? call.name : `${call.name}/${i}`;
    if (isRows(x) || isRows(y)) return rowArithmetic({ ...call, name }, "add", x, y);
    return { value: call.graph.add(name, x, y) };
  }, first);
}

function batchNorm(call: Call): Operand {
  checkLayout(call);
  if (call.node.flag("is_training")) call.node.refuse("batch norm in training", "its form for inference");
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => constant(call, i).data);
  const epsilon = call.node.number("epsilon") ?? 1e-4;
  return { value: call.graph.norm(call.name, value(call), gamma, beta, mean, variance, epsilon) };
}

function elementwise(act: Activation): Import {
  return (call) => ({ value: call.graph.activation(call.name, value(call), act) });
}

function unary(f: UnaryFunction, alpha?: (call: Call) => number): Import {
  return (call) => ({ value: call.graph.unary(call.name, value(call), f, alpha?.(call)) });
}

/** The current forms of `tf.image.resize`, with half-pixel centres. */
function resize(interpolation: "nearest" | "bilinear"): Import {
  return (call) => {
    const [height, width] = constant(call, 1).data;
    const [, h, w] = call.graph.shapeOf(value(call));
    const same = height === h && width === w;
    if (!same && (call.node.flag("align_corners") || !call.node.flag("half_pixel_centers"))) {
      call.node.refuse("a resize without half_pixel_centers", "half_pixel_centers, as in tf.image.resize");
    }
    return { value: call.graph.resize(call.name, value(call), { height, width, interpolation }) };
  };
}

/** Concatenates channels; the axis is the last input. */
function concatenate(call: Call): Operand {
  const parts = call.operands.slice(0, -1).map((_, i) => {
    const part = operand(call, i);
    return "value" in part ? part.value : call.node.refuse("a constant among the values", "results of other nodes");
  });
  const [axis] = constant(call, call.operands.length - 1).data;
  const rank = call.graph.shapeOf(value(call)).length;
  if (axis !== rank - 1 && axis !== -1) call.node.refuse(`axis ${axis}`, "the channels, which are last");
  return { value: call.graph.concatenate(call.name, parts) };
}

function reduction(kind: "average" | "max"): Import {
  return (call) => {
    if (kind === "average" && alongChannels(call)) return reduceRows(call, given(call, 0), "mean");
    const axes = [...constant(call, 1).data].map((axis) => (axis < 0 ? axis + 4 : axis)).sort();
    if (!sameShape(axes, [1, 2])) call.node.refuse(`axes ${formatShape(axes)}`, "[1,2], height and width");
    return { value: call.graph.pool(call.name, value(call), kind, call.node.flag("keep_dims")) };
  };
}

function pooling(kind: "average" | "max"): Import {
  return (call) => {
    checkLayout(call);
    const padding = paddingOf(call);
    const attrs = { kind, kernelSize: spatial(call, "ksize", []), strides: spatial(call, "strides", []), padding };
    return { value: call.graph.poolWindow(call.name, value(call), attrs) };
  };
}

function pad(call: Call): Operand {
  const { data, shape } = constant(call, 1);
  const [n0, n1, top, bottom, left, right, c0, c1] = data;
  if (call.operands.length > 2 && constant(call, 2).data.some((x) => x !== 0)) call.node.refuse("padding other than 0");
  if (!sameShape(shape, [4, 2]) || [n0, n1, c0, c1].some((n) => n !== 0)) {
    call.node.refuse("padding of other dimensions", "padding of height and width only");
  }
  return { value: call.graph.pad(call.name, value(call), { top, bottom, left, right }) };
}

function reshape(call: Call): Operand {
  const target = [...constant(call, 1).data];
  const total = sizeOf(call.graph.shapeOf(value(call)));
  const rest = sizeOf(target.filter((n) => n !== -1));
  const [batch, ...item] = target.map((n) => (n === -1 ? total / rest : n));
  if (batch !== 1) call.node.refuse(`a reshape to ${formatShape(target)}`, "the batch as first dimension");
  return { value: call.graph.reshape(call.name, value(call), item) };
}

function squeeze(call: Call): Operand {
  const [batch, ...item] = call.graph.shapeOf(value(call));
  const given = call.node.integers("squeeze_dims").map((axis) => (axis < 0 ? axis + item.length + 1 : axis));
  const dropped = given.length > 0 ? given : item.flatMap((n, i) => (n === 1 ? [i + 1] : []));
  if (batch !== 1 || dropped.some((axis) => item[axis - 1] !== 1)) {
    call.node.refuse(`dimensions ${formatShape(given)} of ${formatShape([batch, ...item])}`, "those of size 1");
  }
  return {
    value: call.graph.reshape(
      call.name,
      value(call),
      item.filter((_, i) => !dropped.includes(i + 1)),
    ),
  };
}

/** One element of a shape, or a crop of a map. */
function slice(call: Call): Operand {
  const begin = constant(call, 1);
  if ("value" in operand(call, 0)) return crop(call, begin.data, constant(call, 2).data);
  const from = constant(call, 0);
  const [at] = begin.data;
  const isOne = call.node.integer("shrink_axis_mask") === 1 && begin.data.length === 1;
  if (!isOne || !(at >= 0 && at < from.data.length)) call.node.refuse("a slice", "one element of a shape");
  return { constant: tensor([], [from.data[at]]) };
}

/** Crops rows and columns of a map. A set bit of a mask ignores a limit. */
function crop(call: Call, begin: Float32Array, end: Float32Array): Operand {
  const shape = call.graph.shapeOf(value(call));
  const { node } = call;
  const odd = ["ellipsis_mask", "new_axis_mask", "shrink_axis_mask"].some((mask) => node.integer(mask) !== 0);
  if (odd || shape.length !== 4 || begin.length !== 4 || constant(call, 3).data.some((step) => step !== 1)) {
    node.refuse("a slice", "one of rows and columns of a map");
  }
  const limit = (mask: string, limits: Float32Array, axis: number, open: number) => {
    if ((node.integer(mask) >> axis) & 1) return open;
    const at = limits[axis];
    return Math.min(Math.max(at < 0 ? at + shape[axis] : at, 0), shape[axis]);
  };
  const from = shape.map((_, axis) => limit("begin_mask", begin, axis, 0));
  const to = shape.map((size, axis) => limit("end_mask", end, axis, size));
  if (from[0] !== 0 || to[0] !== shape[0] || from[3] !== 0 || to[3] !== shape[3]) {
    node.refuse("a slice of channels", "one of rows and columns of a map");
  }
  const padding = { top: from[1], bottom: shape[1] - to[1], left: from[2], right: shape[2] - to[2] };
  return { value: call.graph.crop(call.name, value(call), padding) };
}
