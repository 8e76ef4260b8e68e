import { WeightsError } from "../../errors.ts";
import type { Activation } from "../../graph/activations.ts";
import type { UnaryFunction } from "../../graph/unary-functions.ts";
import { formatShape, type Shape, sameShape, type TensorData, tensor } from "../../tensor.ts";
import type { Constant, GraphImport, Operand } from "../import/graph-import.ts";
import {
  type Arithmetic,
  type Given,
  isRows,
  reduceRows,
  rowArithmetic,
  square,
  squareRoot,
} from "../import/row-algebra.ts";
import type { Operator } from "./model.ts";
import {
  ARITHMETIC_OPTIONS,
  CONCATENATION_OPTIONS,
  CONV_OPTIONS,
  DENSE_OPTIONS,
  DEPTHWISE_OPTIONS,
  FUSED,
  GELU_OPTIONS,
  L2_NORMALIZATION_OPTIONS,
  LEAKY_RELU_OPTIONS,
  type OpName,
  PADDING,
  POOL_OPTIONS,
  REDUCER_OPTIONS,
  RESIZE_BILINEAR_OPTIONS,
  RESIZE_NEAREST_OPTIONS,
  SOFTMAX_OPTIONS,
  STRIDED_SLICE_OPTIONS,
} from "./schema.ts";

/** The conversion of a kernel to our layout; the outputs' scales do not change. */
export interface KernelLayout {
  shape(shape: Shape): Shape;
  /** Reorders the numbers; without it, they keep their order. */
  move?<D extends TensorData>(data: D, shape: Shape): D;
}

/** An operator to import, with checked access to its inputs. */
export interface Call {
  readonly graph: GraphImport;
  readonly operator: Operator;
  /** Name of the result. */
  readonly name: string;
  /** Shape of the result in the file. */
  readonly shape: Shape;
  /** Names the file and the operator. */
  readonly where: string;
  /** An input. @throws WeightsError if it is missing or not computed yet */
  operand(i: number): Operand;
  /** The same, or a partial result of a norm. */
  given(i: number): Given;
  /** A constant input; undefined if it is left out. @throws WeightsError if it is not a constant */
  constant(i: number): Constant | undefined;
  /** A constant in our layout: its real numbers, and the stored integers. */
  weights(i: number, layout: KernelLayout): Constant;
}

/** Adds an operator to the graph and returns its result; null for an operator that only computes shapes. */
type Import = (call: Call) => Given | null;

/** @throws WeightsError for a form that MobileNets do not have; it names the operator */
export function importOperator(call: Call): Given | null {
  return imports[call.operator.op](call);
}

const imports: Record<OpName, Import> = {
  CONV_2D(call) {
    const o = CONV_OPTIONS;
    const kernel = call.weights(1, outputsLast);
    const window = windowOf(call, o);
    return withActivation(call, option(call, o.fused), (act, name) =>
      call.graph.conv(name, value(call), kernel, call.constant(2), window, act),
    );
  },
  DEPTHWISE_CONV_2D(call) {
    const o = DEPTHWISE_OPTIONS;
    const channels = call.graph.shapeOf(value(call))[3];
    // [1,kh,kw,c*m]: our [kh,kw,c,m] has the same order.
    const kernel = call.weights(1, {
      shape([one, kh, kw, outputs]) {
        const m = outputs / channels;
        if (one !== 1 || !Number.isInteger(m)) refuse(call, `a kernel for ${outputs} outputs of ${channels} channels`);
        return [kh, kw, channels, m];
      },
    });
    const window = windowOf(call, o);
    return withActivation(call, option(call, o.fused), (act, name) =>
      call.graph.depthwise(name, value(call), kernel, call.constant(2), window, act),
    );
  },
  FULLY_CONNECTED(call) {
    if (option(call, DENSE_OPTIONS.weightsFormat) !== 0) refuse(call, "shuffled weights", "plain ones");
    const kernel = call.weights(1, outputsLast);
    return withActivation(call, option(call, DENSE_OPTIONS.fused), (act, name) =>
      call.graph.dense(name, value(call), kernel, call.constant(2), act),
    );
  },
  ADD: arithmetic("add"),
  SUB: arithmetic("subtract"),
  MUL: arithmetic("multiply"),
  DIV: arithmetic("divide"),
  MAXIMUM: arithmetic("maximum"),
  MINIMUM: arithmetic("minimum"),
  NEG: (call) => {
    const x = call.given(0);
    if (isRows(x)) return rowArithmetic(call, "multiply", x, { constant: tensor([], [-1]) });
    return { value: call.graph.affine(call.name, value(call), -1, 0) };
  },
  PRELU: (call) => {
    const slopes = call.constant(1) ?? refuse(call, "no slopes");
    return { value: call.graph.prelu(call.name, value(call), slopes) };
  },
  SQUARE: (call) => square(call, call.given(0)),
  SQUARED_DIFFERENCE: (call) => square(call, rowArithmetic(call, "subtract", call.given(0), call.given(1))),
  SQRT: (call) => squareRoot(call, call.given(0), false),
  RSQRT: (call) => squareRoot(call, call.given(0), true),
  SUM: (call) =>
    alongChannels(call) ? reduceRows(call, call.given(0), "sum") : refuse(call, "a sum", "one of the channels"),
  RELU: elementwise("relu"),
  RELU6: elementwise("relu6"),
  RELU_N1_TO_1: (call) => ({ value: fromMinus1To1(call, value(call)) }),
  LOGISTIC: elementwise("sigmoid"),
  HARD_SWISH: elementwise("hard_swish"),
  TANH: unary("tanh"),
  EXP: unary("exponential"),
  LOG: unary("log"),
  ELU: unary("elu", () => 1),
  LEAKY_RELU: unary("leaky_relu", ({ operator }) => operator.options?.float32(LEAKY_RELU_OPTIONS.alpha) ?? 0),
  GELU: (call) => unary(option(call, GELU_OPTIONS.approximate) ? "gelu_tanh" : "gelu")(call),
  SOFTMAX(call) {
    const beta = call.operator.options?.float32(SOFTMAX_OPTIONS.beta) ?? 1;
    if (beta !== 1) refuse(call, `beta ${beta}`, "1");
    return elementwise("softmax")(call);
  },
  LOG_SOFTMAX: (call) => ({ value: call.graph.logSoftmax(call.name, value(call)) }),
  AVERAGE_POOL_2D: pooling("average"),
  MAX_POOL_2D: pooling("max"),
  MEAN: reduction("average"),
  REDUCE_MAX: reduction("max"),
  RESHAPE: reshape,
  SQUEEZE: reshape,
  PAD: pad,
  PADV2(call) {
    // The padding of a quantised file represents 0 too.
    if (call.constant(2)?.data.some((x) => x !== 0)) refuse(call, "padding other than 0", "zeros");
    return pad(call);
  },
  RESIZE_BILINEAR: resize("bilinear", RESIZE_BILINEAR_OPTIONS),
  RESIZE_NEAREST_NEIGHBOR: resize("nearest", RESIZE_NEAREST_OPTIONS),
  CONCATENATION(call) {
    const rank = call.shape.length;
    const axis = call.operator.options?.int32(CONCATENATION_OPTIONS.axis) ?? 0;
    if (axis !== rank - 1 && axis !== -1) refuse(call, `axis ${axis}`, "the channels, which are last");
    const values = call.operator.inputs.map((_, i) => value(call, i));
    return bent(call, CONCATENATION_OPTIONS.fused, (name) => call.graph.concatenate(name, values));
  },
  L2_NORMALIZATION(call) {
    const { fused } = L2_NORMALIZATION_OPTIONS;
    // TensorFlow Lite's epsilon, 1e-6 of the length.
    return bent(call, fused, (name) => call.graph.normalise(name, value(call), "length", 1e-12));
  },
  SLICE: (call) => (call.shape.length === 4 ? crop(call, call.constant(1)?.data) : null),
  STRIDED_SLICE(call) {
    // On a shape, it computes a shape for RESHAPE.
    if (call.shape.length !== 4) return null;
    const { beginMask, ellipsisMask, newAxisMask, shrinkAxisMask } = STRIDED_SLICE_OPTIONS;
    const mask = (field: number) => call.operator.options?.int32(field) ?? 0;
    const odd = [ellipsisMask, newAxisMask, shrinkAxisMask].some((field) => mask(field) !== 0);
    if (odd || call.constant(3)?.data.some((step) => step !== 1))
      refuse(call, "a slice", "one of rows and columns of a map");
    return crop(
      call,
      call.constant(1)?.data.map((at, axis) => ((mask(beginMask) >> axis) & 1 ? 0 : at)),
    );
  },
  // Weights and results are already real numbers here.
  QUANTIZE: (call) => call.operand(0),
  DEQUANTIZE: (call) => call.operand(0),
  // Their results are shapes for RESHAPE, which the file has anyway.
  SHAPE: () => null,
  PACK: () => null,
};

function refuse(call: Call, found: string, expected?: string): never {
  throw new WeightsError({ where: call.where, found, expected });
}

function option({ operator }: Call, field: number): number {
  return operator.options?.int8(field) ?? 0;
}

/** An input that must be a result, the first by default. */
function value(call: Call, i = 0): string {
  const operand = call.operand(i);
  return "value" in operand ? operand.value : refuse(call, "a constant as input", "a result of another operator");
}

function windowOf(call: Call, o: typeof CONV_OPTIONS | typeof DEPTHWISE_OPTIONS) {
  const { options } = call.operator;
  if (!options) return refuse(call, "no options", "those of a convolution");
  const dilation = [options.int32(o.dilationH, 1), options.int32(o.dilationW, 1)];
  if (!dilation.every((d) => d === 1)) refuse(call, `dilation ${formatShape(dilation)}`, "[1,1]");
  const strides = [options.int32(o.strideH), options.int32(o.strideW)] as const;
  const padding = options.int8(o.padding) === PADDING.same ? ("same" as const) : ("valid" as const);
  return { strides, padding };
}

function fusedActivation(call: Call, code: number): Activation {
  if (code === FUSED.NONE) return "linear";
  if (code === FUSED.RELU) return "relu";
  return code === FUSED.RELU6 ? "relu6" : refuse(call, `fused activation ${code}`, "none, RELU, RELU6 or RELU_N1_TO_1");
}

/** Adds one of our layers with its built-in activation. */
function withActivation(call: Call, code: number, add: (act: Activation, name: string) => string): Operand {
  if (code === FUSED.RELU_N1_TO_1) return { value: fromMinus1To1(call, add("linear", `${call.name}/linear`)) };
  return { value: add(fusedActivation(call, code), call.name) };
}

function fromMinus1To1({ graph, name }: Call, x: string): string {
  return graph.clip(name, x, -1, 1);
}

function arithmetic(kind: Arithmetic): Import {
  return (call) => {
    const [a, b] = [call.given(0), call.given(1)];
    if (isRows(a) || isRows(b)) return rowArithmetic(call, kind, a, b);
    const fused = option(call, ARITHMETIC_OPTIONS.fused);
    const { graph, name } = call;
    if (fused === FUSED.RELU_N1_TO_1) {
      return { value: fromMinus1To1(call, graph[kind](`${name}/linear`, call.operand(0), call.operand(1))) };
    }
    const act = fusedActivation(call, fused);
    const result = graph[kind](act === "linear" ? name : `${name}/linear`, call.operand(0), call.operand(1));
    return { value: graph.activation(name, result, act) };
  };
}

function elementwise(act: Activation): Import {
  return (call) => ({ value: call.graph.activation(call.name, value(call), act) });
}

function unary(f: UnaryFunction, alpha?: (call: Call) => number): Import {
  return (call) => ({ value: call.graph.unary(call.name, value(call), f, alpha?.(call)) });
}

/** Adds an op, then the activation in a field of the operator's options. */
function bent(call: Call, field: number, add: (name: string) => string): Operand {
  const act = fusedActivation(call, option(call, field));
  const result = add(act === "linear" ? call.name : `${call.name}/linear`);
  return { value: call.graph.activation(call.name, result, act) };
}

function pooling(kind: "average" | "max"): Import {
  return (call) => {
    const { options } = call.operator;
    const pair = (h: number, w: number) => [options?.int32(h) ?? 0, options?.int32(w) ?? 0] as const;
    const o = POOL_OPTIONS;
    const padding = (options?.int8(o.padding) ?? 0) === PADDING.same ? ("same" as const) : ("valid" as const);
    const attrs = { kind, kernelSize: pair(o.filterH, o.filterW), strides: pair(o.strideH, o.strideW), padding };
    return bent(call, o.fused, (name) => call.graph.poolWindow(name, value(call), attrs));
  };
}

/** The current form of `tf.image.resize`, with half-pixel centres. */
function resize(interpolation: "nearest" | "bilinear", o: typeof RESIZE_NEAREST_OPTIONS): Import {
  return (call) => {
    const [, height, width] = call.shape;
    const [, h, w] = call.graph.shapeOf(value(call));
    const same = height === h && width === w;
    if (!same && (option(call, o.alignCorners) || !option(call, o.halfPixelCenters))) {
      refuse(call, "a resize without half_pixel_centers", "half_pixel_centers, as in tf.image.resize");
    }
    return { value: call.graph.resize(call.name, value(call), { height, width, interpolation }) };
  };
}

function pad(call: Call): Operand {
  const padding = call.constant(1);
  const [, , top, bottom, left, right] = padding?.data ?? [];
  const [batch, map, channels] = [padding?.data.slice(0, 2), padding, padding?.data.slice(6)];
  if (!map || !sameShape(map.shape, [4, 2]) || [...(batch ?? []), ...(channels ?? [])].some((n) => n !== 0)) {
    refuse(call, "padding of other dimensions", "padding of height and width only");
  }
  return { value: call.graph.pad(call.name, value(call), { top, bottom, left, right }) };
}

/** Crops a map to the result's size from `begin` on. */
function crop(call: Call, begin: ArrayLike<number> | undefined): Operand {
  const shape = call.graph.shapeOf(value(call));
  const from = shape.map((size, axis) => {
    const at = begin?.[axis] ?? Number.NaN;
    return at < 0 ? at + size : at;
  });
  const whole = [0, 3].every((axis) => from[axis] === 0 && call.shape[axis] === shape[axis]);
  if (shape.length !== 4 || !whole) refuse(call, "a slice", "one of rows and columns of a map");
  const [, top, left] = from;
  const padding = { top, bottom: shape[1] - top - call.shape[1], left, right: shape[2] - left - call.shape[2] };
  return { value: call.graph.crop(call.name, value(call), padding) };
}

/** Whether a reduction is over the last axis and keeps it. */
function alongChannels(call: Call): boolean {
  const [axis, ...more] = call.constant(1)?.data ?? [];
  const rank = call.shape.length;
  const keeps = (call.operator.options?.uint8(REDUCER_OPTIONS.keepDims) ?? 0) !== 0;
  return more.length === 0 && (axis === -1 || axis === rank - 1) && keeps;
}

function reduction(kind: "average" | "max"): Import {
  return (call) => {
    if (kind === "average" && alongChannels(call)) return reduceRows(call, call.given(0), "mean");
    const axes = [...(call.constant(1)?.data ?? [])].map((axis) => (axis < 0 ? axis + 4 : axis)).sort();
    if (!sameShape(axes, [1, 2])) refuse(call, `axes ${formatShape(axes)}`, "[1,2], height and width");
    const keepdims = (call.operator.options?.uint8(REDUCER_OPTIONS.keepDims) ?? 0) !== 0;
    return { value: call.graph.pool(call.name, value(call), kind, keepdims) };
  };
}

/** Reshapes a result, or a constant such as a gate's bias. The batch does not change. */
function reshape(call: Call): Operand {
  const operand = call.operand(0);
  if ("constant" in operand) return { constant: tensor(call.shape, operand.constant.data) };
  return { value: call.graph.reshape(call.name, operand.value, call.shape.slice(1)) };
}

/** [out,...] to [...,out]: OHWI to HWIO, and [units,c] to [c,units]. The outputs' scales do not change. */
const outputsLast: KernelLayout = {
  shape: ([outputs, ...rest]) => [...rest, outputs],
  move(data, [outputs]) {
    const rows = data.length / outputs;
    const moved = data.slice() as typeof data;
    for (let o = 0, at = 0; o < outputs; o++) for (let r = 0; r < rows; r++) moved[r * outputs + o] = data[at++];
    return moved;
  },
};
