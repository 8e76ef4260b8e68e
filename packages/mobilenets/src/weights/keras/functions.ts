import type { Activation } from "../../graph/activations.ts";
import { activation } from "../../graph/ops/activation.ts";
import { globalAveragePooling2d } from "../../graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../../graph/ops/global_max_pooling2d.ts";
import { normalizeRows } from "../../graph/ops/normalize_rows.ts";
import { rescaling } from "../../graph/ops/rescaling.ts";
import { reshape } from "../../graph/ops/reshape.ts";
import { resize2d } from "../../graph/ops/resize2d.ts";
import { formatShape, sizeOf } from "../../tensor.ts";
import { addNonlinearity, type Nonlinearity } from "./activations.ts";
import type { KerasLayer } from "./layer.ts";
import type { KerasProgramBuilder } from "./program.ts";

// Functions of `keras.ops` in the code of a functional model, which Keras 3 writes as layers.

type AddFunction = (b: KerasProgramBuilder, layer: KerasLayer, x: string) => string;

const bent =
  (f: (layer: KerasLayer) => Nonlinearity): AddFunction =>
  (b, layer, x) =>
    addNonlinearity(b, layer.name, x, f(layer), layer);
const act = (name: Activation) => bent(() => ({ activation: name }));
const pass: AddFunction = (_b, _layer, x) => x;

const functions: ReadonlyMap<string, AddFunction> = new Map<string, AddFunction>([
  ["Relu", act("relu")],
  ["Relu6", act("relu6")],
  ["Sigmoid", act("sigmoid")],
  ["HardSigmoid", act("hard_sigmoid")],
  ["HardSilu", act("hard_swish")],
  ["HardSwish", act("hard_swish")],
  ["Silu", bent(() => ({ function: "silu" }))],
  ["Swish", bent(() => ({ function: "silu" }))],
  ["Gelu", bent((l) => ({ function: l.one("approximate", true, false) ? "gelu_tanh" : "gelu" }))],
  ["Tanh", bent(() => ({ function: "tanh" }))],
  ["Elu", bent((l) => ({ function: "elu", alpha: l.number("alpha", 1) }))],
  ["Selu", bent(() => ({ function: "selu" }))],
  ["LeakyRelu", bent((l) => ({ function: "leaky_relu", alpha: l.number("negative_slope", 0.2) }))],
  ["Softplus", bent(() => ({ function: "softplus" }))],
  ["Softsign", bent(() => ({ function: "softsign" }))],
  ["Exp", bent(() => ({ function: "exponential" }))],
  ["Log", bent(() => ({ function: "log" }))],
  ["Celu", bent((l) => ({ function: "elu", alpha: l.one("alpha", 1) }))],
  ["HardTanh", bent(() => ({ compound: "hard_tanh" }))],
  ["HardShrink", bent((l) => ({ function: "hard_shrink", alpha: l.number("threshold", 0.5) }))],
  [
    "SoftShrink",
    bent((l) => {
      l.one("threshold", 0.5);
      return { compound: "soft_shrink" };
    }),
  ],
  ["TanhShrink", bent(() => ({ compound: "tanh_shrink" }))],
  ["LogSigmoid", bent(() => ({ compound: "log_sigmoid" }))],
  ["SparsePlus", bent(() => ({ compound: "sparse_plus" }))],
  ["Squareplus", bent((l) => ({ function: "squareplus", alpha: l.number("b", 4) }))],
  ["Softmax", alongChannels({ activation: "softmax" })],
  ["LogSoftmax", alongChannels({ compound: "log_softmax" })],
  ["Mean", (b, layer, x) => addMean(b, layer, x, "average")],
  ["Max", (b, layer, x) => addMean(b, layer, x, "max")],
  ["Negative", (b, layer, x) => rescaled(b, layer.name, x, -1, 0)],
  ["Clip", addClip],
  ["Reshape", addReshape],
  ["Normalize", addNormalize],
  ["Resize", addResize],
  ["Cast", pass],
  ["StopGradient", pass],
]);

/** The implementation of a `keras.ops` function; undefined for an unsupported one, or one that is called like a layer. */
export function functionOf(layer: KerasLayer): AddFunction | undefined {
  const { module } = layer.json;
  const isFunction = typeof module === "string" && /^keras(\.src)?\.ops\b/.test(module);
  return isFunction ? functions.get(layer.className) : undefined;
}

function rescaled(b: KerasProgramBuilder, name: string, x: string, scale: number, offset: number): string {
  b.add(rescaling, name, [x], { scale, offset });
  return name;
}

function alongChannels(f: Nonlinearity): AddFunction {
  return (b, layer, x) => {
    layer.one<unknown>("axis", -1, b.shapeOf(x).length - 1);
    return addNonlinearity(b, layer.name, x, f, layer);
  };
}

/** Adds the mean or maximum of all pixels. */
function addMean(b: KerasProgramBuilder, layer: KerasLayer, x: string, kind: "average" | "max"): string {
  layer.one<unknown>("initial", null);
  layer.one<unknown>("where", null);
  layer.one<unknown>("axis", [1, 2], [2, 1], [-3, -2], [-2, -3]);
  const keepdims = layer.one("keepdims", false, true);
  if (b.shapeOf(x).length !== 4) layer.refuse(`a ${layer.className} of ${formatShape(b.shapeOf(x))}`, "one of a map");
  const op = kind === "average" ? globalAveragePooling2d : globalMaxPooling2d;
  b.add(op, layer.name, [x], { keepdims });
  return layer.name;
}

/** Adds x clipped to two numbers. */
function addClip(b: KerasProgramBuilder, layer: KerasLayer, x: string): string {
  const { name } = layer;
  const [least, most] = [layer.number("x_min"), layer.number("x_max")];
  if (!(least < most)) layer.refuse(`limits ${least} and ${most}`, "a lower and an upper one");
  const factor = 6 / (most - least);
  const to6 = least === 0 && factor === 1 ? x : rescaled(b, `${name}/to_6`, x, factor, -least * factor);
  const bound = to6 === x ? name : `${name}/relu6`;
  b.add(activation, bound, [to6], { activation: "relu6" });
  return to6 === x ? name : rescaled(b, name, bound, 1 / factor, least);
}

/** Adds a reshape; the batch stays the first axis. */
function addReshape(b: KerasProgramBuilder, layer: KerasLayer, x: string): string {
  const [, ...target] = layer.integers("newshape");
  const size = sizeOf(b.shapeOf(x).slice(1));
  const rest = sizeOf(target.filter((n) => n !== -1));
  const sizes = target.map((n) => (n === -1 ? size / rest : n));
  if (sizes.length === 0 || sizeOf(sizes) !== size || !sizes.every((n) => Number.isInteger(n) && n > 0)) {
    layer.refuse(`newshape ${formatShape([-1, ...target])}`, `the batch, and ${size} numbers`);
  }
  b.add(reshape, layer.name, [x], { target: sizes });
  return layer.name;
}

/** Adds normalisation by the length, which is at least epsilon. */
function addNormalize(b: KerasProgramBuilder, layer: KerasLayer, x: string): string {
  layer.one<unknown>("axis", -1, b.shapeOf(x).length - 1);
  layer.one<unknown>("order", 2);
  const epsilon = layer.optionalNumber("epsilon") ?? 1e-7;
  b.add(normalizeRows, layer.name, [x], { kind: "length", epsilon: epsilon ** 2 });
  return layer.name;
}

function addResize(b: KerasProgramBuilder, layer: KerasLayer, x: string): string {
  for (const key of ["antialias", "crop_to_aspect_ratio", "pad_to_aspect_ratio"]) layer.one(key, false);
  layer.one("fill_mode", "constant");
  layer.one("fill_value", 0);
  layer.one<unknown>("data_format", "channels_last", null);
  const [height, width] = layer.pair("size");
  b.add(resize2d, layer.name, [x], { height, width, interpolation: layer.one("interpolation", "bilinear", "nearest") });
  return layer.name;
}
