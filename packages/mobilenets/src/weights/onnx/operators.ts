import type { Activation } from "../../graph/activations.ts";
import type { UnaryFunction } from "../../graph/unary-functions.ts";
import type { WindowAttrs } from "../../graph/window.ts";
import { formatShape, sameShape, type Tensor, tensor } from "../../tensor.ts";
import type { GraphImport, Operand } from "../import/graph-import.ts";
import { transpose } from "../transpose.ts";
import { type Call, dataOf, type Imported, type Layout, mapOf, refuse, text, theirShape, wholes } from "./call.ts";
import { fromOnnxKernel } from "./kernels.ts";
import { addConcat, addPool, addResize, addSlice } from "./maps.ts";
import { addFlatten, addReshape, addSqueeze, addTranspose, addUnsqueeze } from "./shapes.ts";
import { attributeOf } from "./view.ts";

type Import = (call: Call) => Imported;

/** @throws WeightsError for an unsupported node; it names the node */
export function importNode(call: Call): Imported {
  const { opType = "", domain = "" } = call.node;
  const known = domain === "" || domain === "ai.onnx" ? imports : domain === "com.microsoft" ? fused : undefined;
  const add = known?.get(opType);
  if (add) return add(call);
  const hint = 'onnx.utils.extract_model("in.onnx", "out.onnx", ["input"], ["value"]) cuts a model before it';
  return refuse(call, "an operator that this package does not have", [...imports.keys()].join(", "), hint);
}

const pass: Import = (call) => dataOf(call);

const imports: ReadonlyMap<string, Import> = new Map<string, Import>([
  ["Conv", conv],
  ["Gemm", gemm],
  ["MatMul", gemm],
  ["BatchNormalization", batchNorm],
  ["LayerNormalization", layerNorm],
  ["LpNormalization", lpNorm],
  ["Relu", bent("relu")],
  // A quantised file only shows that numbers end near 6.
  ["ReluOrRelu6", bent("relu6")],
  ["Sigmoid", bent("sigmoid")],
  ["HardSwish", bent("hard_swish")],
  ["HardSigmoid", hardSigmoid],
  ["Clip", clip],
  ["Softmax", ofChannels((b, name, x) => b.activation(name, x, "softmax"))],
  ["LogSoftmax", ofChannels((b, name, x) => b.logSoftmax(name, x))],
  ["LeakyRelu", unary("leaky_relu", ({ node }) => attributeOf(node, "alpha")?.f ?? 0.01)],
  ["Elu", unary("elu", ({ node }) => attributeOf(node, "alpha")?.f ?? 1)],
  ["Celu", unary("elu", (call) => number(call, "alpha", 1, 1))],
  ["Selu", unary("selu")],
  ["Tanh", unary("tanh")],
  ["Softplus", unary("softplus")],
  ["Softsign", unary("softsign")],
  ["Mish", unary("mish")],
  ["Exp", unary("exponential")],
  ["Log", unary("log")],
  ["Shrink", shrink],
  ["ThresholdedRelu", thresholdedRelu],
  ["Gelu", (call) => unary(text(call, "approximate") === "tanh" ? "gelu_tanh" : "gelu")(call)],
  ["PRelu", prelu],
  ["Add", arithmetic("add")],
  ["Sub", arithmetic("subtract")],
  ["Mul", arithmetic("multiply")],
  ["Div", arithmetic("divide")],
  ["Sum", arithmetic("add")],
  ["Max", arithmetic("maximum")],
  ["Min", arithmetic("minimum")],
  ["Neg", negated],
  ["GlobalAveragePool", (call) => pooled(call, "average", true)],
  ["GlobalMaxPool", (call) => pooled(call, "max", true)],
  ["ReduceMean", (call) => reduce(call, "average")],
  ["ReduceMax", (call) => reduce(call, "max")],
  ["AveragePool", (call) => addPool(call, "average")],
  ["MaxPool", (call) => addPool(call, "max")],
  ["Pad", pad],
  ["Resize", addResize],
  ["Slice", addSlice],
  ["Concat", addConcat],
  ["Reshape", addReshape],
  ["Flatten", addFlatten],
  ["Squeeze", addSqueeze],
  ["Unsqueeze", addUnsqueeze],
  ["Transpose", addTranspose],
  ["Identity", pass],
  ["Cast", pass],
  ["Dropout", pass],
]);

/** Operators that ONNX Runtime fuses from several, in its own domain. */
const fused: ReadonlyMap<string, Import> = new Map<string, Import>([
  ["Gelu", unary("gelu")],
  ["BiasGelu", (call) => biased(call, "gelu")],
  ["FastGelu", (call) => biased(call, "gelu_tanh")],
  ["QuickGelu", (call) => (number(call, "alpha", 1.702, 1) ? unary("silu")(call) : pass(call))],
]);

/** The function of a sum with an optional constant. */
function biased(call: Call, f: UnaryFunction): Imported {
  const { b, name, node } = call;
  if (!node.input[1]) return unary(f)(call);
  const x = dataOf(call);
  const sum = b.add(`${name}/sum`, x, { constant: channelwise(call, node.input[1], x) });
  return { value: b.unary(name, sum, f), layout: x.layout };
}

/** An attribute that must be `only`. */
function number(call: Call, attribute: string, fallback: number, only: number): number {
  const found = attributeOf(call.node, attribute)?.f ?? fallback;
  return found === only ? found : refuse(call, `${attribute} ${found}`, String(only));
}

/** A constant as one number, or one per channel of the value next to it. */
function channelwise(call: Call, value: string, { layout, value: met }: Imported): Tensor {
  const { b, view } = call;
  const { data, shape } = view.floats(value);
  const channels = b.shapeOf(met).at(-1) as number;
  if (data.length === 1) return tensor([], [data[0]]);
  // [c,1,1] for a map with channels first, [c] for others, perhaps with ones before.
  const tail = layout === "nchw" ? [channels, 1, 1] : [channels];
  const fits = data.length === channels && sameShape(shape.slice(-tail.length), tail);
  if (fits && typeof layout === "string") return { data, shape: [channels] };
  return refuse(
    call,
    `a constant of shape ${formatShape(shape)}`,
    `one number, or one for each of ${channels} channels`,
  );
}

function window(call: Call): Pick<WindowAttrs, "strides" | "padding"> {
  const [sy = 1, sx = 1] = attributeOf(call.node, "strides")?.ints ?? [];
  if (attributeOf(call.node, "dilations")?.ints.some((n) => n !== 1)) refuse(call, "dilations", "none");
  const auto = text(call, "auto_pad", "NOTSET");
  const strides = [sy, sx] as const;
  if (auto === "SAME_UPPER") return { strides, padding: "same" as const };
  if (auto === "VALID") return { strides, padding: "valid" as const };
  if (auto !== "NOTSET") refuse(call, `auto_pad ${auto}`, "SAME_UPPER, VALID or NOTSET");
  const [top = 0, left = 0, bottom = 0, right = 0] = attributeOf(call.node, "pads")?.ints ?? [];
  const padding = { top, left, bottom, right };
  if (Object.values(padding).every((n) => Number.isSafeInteger(n) && n >= 0 && n < 1 << 16))
    return { strides, padding };
  return refuse(call, `pads [${Object.values(padding)}]`, "pixels on each side");
}

function conv(call: Call): Imported {
  const { b, view, node, name } = call;
  const { value, same } = call.values.get(node.input[0] ?? "") ?? mapOf(call);
  if (!same) mapOf(call);
  const stored = view.floats(node.input[1] ?? "");
  const group = attributeOf(node, "group")?.i ?? 1;
  const channels = b.shapeOf(value)[3];
  const [filters, perGroup] = stored.shape;
  const depthwise = group > 1;
  if (stored.shape.length !== 4 || (depthwise && (group !== channels || perGroup !== 1 || filters % group !== 0))) {
    refuse(call, `kernel [${stored.shape}] in ${group} groups`, "a 2-D convolution, of one group or depthwise");
  }
  const bias = node.input[2] ? view.floats(node.input[2]) : undefined;
  const kernel = fromOnnxKernel(stored, group);
  const add = depthwise ? "depthwise" : "conv";
  const own = window(call);
  const pads = typeof own.padding === "object" && Object.values(own.padding).every((n) => n === 0);
  if (same && !pads) refuse(call, "padding in addition to the Pad before it", "none");
  const attrs = same ? { ...own, padding: "same" as const } : own;
  return { value: b[add](name, value, kernel, bias, attrs, "linear"), layout: "nchw" };
}

function gemm(call: Call): Imported {
  const { b, view, node, name } = call;
  const isGemm = node.opType === "Gemm";
  const x = dataOf(call);
  const matrix = view.floats(node.input[1] ?? "");
  const plain = ["alpha", "beta"].every((key) => (attributeOf(node, key)?.f ?? 1) === 1);
  if (matrix.shape.length !== 2 || !plain || attributeOf(node, "transA")?.i) {
    refuse(call, `a product with [${matrix.shape}]`, "input times a matrix");
  }
  const kernel = isGemm && attributeOf(node, "transB")?.i ? transpose(matrix, [1, 0]) : matrix;
  const given = isGemm && node.input[2] ? view.floats(node.input[2]) : undefined;
  const outputs = kernel.shape[1];
  const bias =
    given && (given.data.length === 1 ? tensor([outputs], new Float32Array(outputs).fill(given.data[0])) : given);
  if (x.layout === "nhwc") {
    // On a map it is a 1x1 convolution.
    const pixel = { data: kernel.data, shape: [1, 1, ...kernel.shape] };
    const window = { strides: [1, 1], padding: "valid" } as const;
    return { value: b.conv(name, x.value, pixel, bias, window, "linear"), layout: "nhwc" };
  }
  if (x.layout === "nchw") return refuse(call, "a product along the width of a map", "one of vectors");
  const rows = typeof x.layout === "object" ? channelsLast(kernel, x.layout.flat) : kernel;
  return { value: b.dense(name, x.value, rows, bias, "linear"), layout: "rows" };
}

/** Reorders the rows of a matrix from a flattened map with channels first to one with channels last. */
function channelsLast(kernel: Tensor, [height, width, c]: readonly number[]): Tensor {
  const [rows, columns] = kernel.shape;
  // The layer refuses another number of rows.
  if (rows !== height * width * c) return kernel;
  const moved = transpose({ data: kernel.data, shape: [c, height, width, columns] }, [1, 2, 0, 3]);
  return { data: moved.data, shape: kernel.shape };
}

function batchNorm(call: Call): Imported {
  const { b, view, node, name } = call;
  const { value, layout } = dataOf(call);
  if (layout !== "nchw" && layout !== "rows") refuse(call, "a batch norm along an axis that is not the channels'");
  if (attributeOf(node, "training_mode")?.i) refuse(call, "a batch norm in training", "its form for inference");
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => view.floats(node.input[i] ?? "").data);
  const epsilon = attributeOf(node, "epsilon")?.f ?? 1e-5;
  return { value: b.norm(name, value, gamma, beta, mean, variance, epsilon), layout };
}

function layerNorm(call: Call): Imported {
  const { b, view, node, name } = call;
  const { value, layout } = dataOf(call);
  const rank = b.shapeOf(value).length;
  const axis = attributeOf(node, "axis")?.i ?? -1;
  if ((layout !== "rows" && layout !== "nhwc") || (axis !== -1 && axis !== rank - 1)) {
    refuse(call, `a layer norm along axis ${axis}`, "one of the last axis, the channels");
  }
  const gamma = view.floats(node.input[1] ?? "");
  const beta = node.input[2] ? view.floats(node.input[2]) : tensor(gamma.shape);
  return { value: b.layerNorm(name, value, gamma, beta, attributeOf(node, "epsilon")?.f ?? 1e-5), layout };
}

/** Normalises by the Euclidean length, as embeddings are; ONNX has no epsilon, and does not divide by 0. */
function lpNorm(call: Call): Imported {
  const { b, node, name } = call;
  const { value, layout } = dataOf(call);
  const [axis, p] = [attributeOf(node, "axis")?.i ?? -1, attributeOf(node, "p")?.i ?? 2];
  const rank = b.shapeOf(value).length;
  const channels = layout === "nchw" ? axis === 1 : axis === -1 || axis === rank - 1;
  if (!channels || p !== 2) refuse(call, `a norm of order ${p} along axis ${axis}`, "one of order 2 of the channels");
  return { value: b.normalise(name, value, "length", 1e-30), layout };
}

function bent(act: Activation): Import {
  return (call) => {
    const { value, layout } = dataOf(call);
    return { value: call.b.activation(call.name, value, act), layout };
  };
}

function unary(f: UnaryFunction, alpha?: (call: Call) => number): Import {
  return (call) => {
    const { value, layout } = dataOf(call);
    return { value: call.b.unary(call.name, value, f, alpha?.(call)), layout };
  };
}

/** Sets numbers within `lambd` of 0 to 0, and moves the rest towards 0 by `bias`, which is 0 or `lambd`. */
function shrink(call: Call): Imported {
  const { b, name, node } = call;
  const { value, layout } = dataOf(call);
  const [limit, bias] = ["lambd", "bias"].map((key, i) => attributeOf(node, key)?.f ?? [0.5, 0][i]);
  if (!(limit >= 0)) refuse(call, `lambd ${limit}`, "0 or more");
  if (bias === 0) return { value: b.unary(name, value, "hard_shrink", limit), layout };
  if (bias !== limit) refuse(call, `bias ${bias}`, `0 or ${limit}`);
  const above = b.activation(`${name}/above`, b.affine(`${name}/less`, value, 1, -limit), "relu");
  const below = b.activation(`${name}/below`, b.affine(`${name}/minus_less`, value, -1, -limit), "relu");
  return { value: b.subtract(name, { value: above }, { value: below }), layout };
}

function thresholdedRelu(call: Call): Imported {
  const { b, name, node } = call;
  const { value, layout } = dataOf(call);
  const limit = attributeOf(node, "alpha")?.f ?? 1;
  if (!(limit >= 0)) refuse(call, `alpha ${limit}`, "0 or more");
  return { value: b.activation(name, b.unary(`${name}/above`, value, "hard_shrink", limit), "relu"), layout };
}

/** `max(0, min(1, alpha x + beta))`; our op has 1/6 and 1/2. */
function hardSigmoid(call: Call): Imported {
  const { b, node, name } = call;
  const { value, layout } = dataOf(call);
  const alpha = attributeOf(node, "alpha")?.f ?? 0.2;
  const beta = attributeOf(node, "beta")?.f ?? 0.5;
  const usual = Math.abs(alpha * 6 - 1) < 1e-6 && beta === 0.5;
  const x = usual ? value : b.affine(`${name}/scaled`, value, alpha * 6, beta * 6 - 3);
  return { value: b.activation(name, x, "hard_sigmoid"), layout };
}

function clip(call: Call): Imported {
  const { b, view, node, name } = call;
  const { value, layout } = dataOf(call);
  const bound = (i: number, key: string) => {
    if (!node.input[i]) return attributeOf(node, key)?.f;
    return view.scalar(node.input[i]) ?? refuse(call, `${key} that is computed`, "a number");
  };
  const low = bound(1, "min");
  const high = bound(2, "max");
  if (low === 0 && (high === undefined || high > 1e30)) return { value: b.activation(name, value, "relu"), layout };
  const bounded = { low: low !== undefined && low > -1e30, high: high !== undefined && high < 1e30 };
  const one = (limit: number | undefined) => ({ constant: tensor([], [limit ?? 0]) });
  if (bounded.low && !bounded.high) return { value: b.maximum(name, { value }, one(low)), layout };
  if (bounded.high && !bounded.low) return { value: b.minimum(name, { value }, one(high)), layout };
  if (low === undefined || high === undefined || !(low < high) || !bounded.low) {
    return refuse(call, `limits ${low ?? "none"} and ${high ?? "none"}`, "a lower and an upper one");
  }
  if (low === 0) return { value: b.reluUpTo(name, value, high), layout };
  const shifted = b.reluUpTo(`${name}/limited`, b.affine(`${name}/shifted`, value, 1, -low), high - low);
  return { value: b.affine(name, shifted, 1, low), layout };
}

/** Softmax, or its logarithm, along the axis that the node names. */
function ofChannels(add: (b: GraphImport, name: string, x: string) => string): Import {
  return (call) => {
    const { b, node, name } = call;
    const { value, layout } = dataOf(call);
    const shape = theirShape(call, node.input[0]);
    const { opset } = call.view;
    const given = attributeOf(node, "axis")?.i ?? (opset < 13 ? 1 : -1);
    const axis = given < 0 ? given + shape.length : given;
    const channels = layout === "nchw" ? 1 : shape.length - 1;
    // Up to operator set 12, softmax covers all axes from this one on.
    const all = opset < 13 && axis === 1 && shape.slice(2).every((n) => n === 1);
    if (typeof layout !== "string" || (axis !== channels && !all)) refuse(call, `axis ${given}`, "the channels");
    return { value: add(b, name, value), layout };
  };
}

function negated(call: Call): Imported {
  const { value, layout } = dataOf(call);
  return { value: call.b.affine(call.name, value, -1, 0), layout };
}

/** One slope for all channels, or one for each: [c,1,1] for a map with channels first. */
function prelu(call: Call): Imported {
  const x = dataOf(call);
  return { value: call.b.prelu(call.name, x.value, channelwise(call, call.node.input[1] ?? "", x)), layout: x.layout };
}

function arithmetic(kind: "add" | "subtract" | "multiply" | "divide" | "maximum" | "minimum"): Import {
  return (call) => {
    const { b, view, node, name, values } = call;
    const first = node.input.map((value) => values.get(value)).find((value) => value !== undefined);
    if (!first) return refuse(call, "constants only", "a result of another node");
    const operand = (i: number): Operand & { readonly layout?: Layout } => {
      const value = node.input[i] ?? "";
      return view.isConstant(value) ? { constant: channelwise(call, value, first) } : dataOf(call, i);
    };
    const layouts = node.input.flatMap((value) => values.get(value)?.layout ?? []);
    if (layouts.some((layout) => JSON.stringify(layout) !== JSON.stringify(first.layout))) {
      refuse(call, "values of different layouts", "only maps, or only vectors");
    }
    if (node.input.length < 2) refuse(call, `${node.input.length} inputs`, "2");
    let result: Operand = operand(0);
    for (let i = 1; i < node.input.length; i++) {
      const own = i === node.input.length - 1 ? name : `${name}/${i}`;
      result = { value: b[kind](own, result, operand(i)) };
    }
    return { value: (result as { value: string }).value, layout: first.layout };
  };
}

function pooled(call: Call, kind: "average" | "max", keepdims: boolean): Imported {
  const { value, layout } = dataOf(call);
  return { value: call.b.pool(call.name, value, kind, keepdims), layout: keepdims ? layout : "rows" };
}

/** Reduces over height and width. */
function reduce(call: Call, kind: "average" | "max"): Imported {
  const { layout } = dataOf(call);
  const shape = theirShape(call, call.node.input[0]);
  const axes = [...(wholes(call, 1, "axes") ?? [])].map((axis) => (axis < 0 ? axis + shape.length : axis)).sort();
  const expected = layout === "nchw" ? [2, 3] : [1, 2];
  if (shape.length !== 4 || !sameShape(axes, expected)) {
    refuse(call, `axes ${formatShape(axes)}`, `${formatShape(expected)}, height and width`);
  }
  return pooled(call, kind, (attributeOf(call.node, "keepdims")?.i ?? 1) !== 0);
}

function pad(call: Call): Imported {
  const { b, view, node, name } = call;
  const { value, layout } = dataOf(call);
  const mode = text(call, "mode", "constant");
  const filled = node.input[2] ? view.scalar(node.input[2]) : (attributeOf(node, "value")?.f ?? 0);
  // PyTorch models compute padding from the picture's size only to pad as TensorFlow does.
  const given = node.input[1];
  if (given && !view.isConstant(given) && layout === "nchw" && mode === "constant" && filled === 0) {
    return { value, layout, same: true };
  }
  const pads = wholes(call, 1, "pads") ?? [];
  if (mode !== "constant" || filled !== 0 || pads.length !== 8 || node.input[3]) {
    return refuse(call, `${mode} padding [${pads}] by ${filled}`, "zeros around a map");
  }
  const [y, x, others] = layout === "nchw" ? [2, 3, [0, 1]] : [1, 2, [0, 3]];
  if (others.some((axis) => pads[axis] !== 0 || pads[axis + 4] !== 0)) refuse(call, "padding of channels");
  const padding = { top: pads[y], bottom: pads[y + 4], left: pads[x], right: pads[x + 4] };
  return { value: b.pad(name, value, padding), layout };
}
