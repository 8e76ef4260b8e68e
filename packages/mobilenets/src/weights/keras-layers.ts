import type { GraphBuilder } from "../graph/builder.ts";
import type { Attrs } from "../graph/graph.ts";
import type { Op } from "../graph/op.ts";
import { activation } from "../graph/ops/activation.ts";
import { add } from "../graph/ops/add.ts";
import { batchNormalization } from "../graph/ops/batch_normalization.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { dense } from "../graph/ops/dense.ts";
import { depthwiseConv2d } from "../graph/ops/depthwise_conv2d.ts";
import { dropout } from "../graph/ops/dropout.ts";
import { globalAveragePooling2d } from "../graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../graph/ops/global_max_pooling2d.ts";
import { multiply } from "../graph/ops/multiply.ts";
import { rescaling } from "../graph/ops/rescaling.ts";
import { reshape } from "../graph/ops/reshape.ts";
import { zeroPadding2d } from "../graph/ops/zero_padding2d.ts";
import type { WindowAttrs } from "../graph/window.ts";
import { formatShape, type Shape, sameShape, sizeOf } from "../tensor.ts";
import type { KerasLayer } from "./keras-layer.ts";

/** Adds a layer to a graph and returns its value's name. */
type AddLayer = (b: GraphBuilder, layer: KerasLayer, inputs: readonly string[]) => string;

/** A class that is one op: its attributes from the layer's options and, where they depend on it, the input's shape. */
function as<A extends Attrs>(op: Op<A>, attrs: (layer: KerasLayer, shape: Shape) => A, arity = 1): AddLayer {
  return (b, layer, inputs) => {
    if (inputs.length !== arity) layer.refuse(`${inputs.length} inputs`, String(arity));
    return b.add(op, layer.name, inputs, attrs(layer, b.shapeOf(inputs[0])));
  };
}

/** By class name. Options are spelled, and default, as in Keras. */
const classes: ReadonlyMap<string, AddLayer> = new Map([
  ["Activation", as(activation, (l) => ({ activation: l.activation() }))],
  ["ReLU", as(activation, relu)],
  ["Softmax", as(activation, softmax)],
  ["Add", as(add, () => ({}), 2)],
  ["Multiply", addMultiply],
  ["BatchNormalization", as(batchNormalization, normalization)],
  ["Conv2D", as(conv2d, (l) => ({ filters: l.count("filters"), ...convolution(l) }))],
  [
    "DepthwiseConv2D",
    as(depthwiseConv2d, (l) => ({ depthMultiplier: l.count("depth_multiplier", 1), ...convolution(l) })),
  ],
  [
    "Dense",
    as(dense, (l) => ({
      units: l.count("units"),
      useBias: l.one("use_bias", true, false),
      activation: l.activation(),
    })),
  ],
  ["ZeroPadding2D", as(zeroPadding2d, zeroPadding)],
  ["GlobalAveragePooling2D", as(globalAveragePooling2d, globalPool)],
  ["GlobalMaxPooling2D", as(globalMaxPooling2d, globalPool)],
  ["AveragePooling2D", as(globalAveragePooling2d, wholePool)],
  ["Reshape", as(reshape, (l, shape) => ({ target: reshapeTarget(l, shape) }))],
  ["Flatten", as(reshape, flatten)],
  ["Dropout", as(dropout, (l) => ({ rate: l.number("rate") }))],
  ["Rescaling", as(rescaling, (l) => ({ scale: l.number("scale"), offset: l.number("offset", 0) }))],
]);

/** What pictures and features pass unchanged at inference: augmentation, and noise of training. */
const passedThrough =
  /^(Random(Brightness|ColorDegeneration|ColorJitter|Contrast|Erasing|Flip|Grayscale|Hue|Invert|Perspective|Posterization|Rotation|Saturation|Sharpness|Shear|Translation|Zoom)|(Rand|Aug)Augment|AugMix|RandAugment|GaussianNoise|GaussianDropout|AlphaDropout|SpatialDropout2D|ActivityRegularization|Identity)$/;

/** Arithmetic with a number, an operator in a model's code: x * scale + offset. */
const arithmetic: ReadonlyMap<string, (y: number) => { scale: number; offset: number }> = new Map([
  ["Add", (y) => ({ scale: 1, offset: y })],
  ["Subtract", (y) => ({ scale: 1, offset: -y })],
  ["Multiply", (y) => ({ scale: y, offset: 0 })],
  ["Divide", (y) => ({ scale: 1 / y, offset: 0 })],
  ["TrueDivide", (y) => ({ scale: 1 / y, offset: 0 })],
]);

/** The same as TensorFlow functions, in models that Keras 2 saved. */
const tensorFlowNames: ReadonlyMap<unknown, string> = new Map([
  ["__operators__.add", "Add"],
  ["math.add", "Add"],
  ["math.subtract", "Subtract"],
  ["math.multiply", "Multiply"],
  ["math.truediv", "Divide"],
]);

/** @throws WeightsError for operators that are no arithmetic with a number */
export function addArithmetic(b: GraphBuilder, layer: KerasLayer, inputs: readonly string[], y: number): string {
  const called = layer.className === "TFOpLambda" ? tensorFlowNames.get(layer.config.function) : layer.className;
  const scaling = arithmetic.get(called ?? "");
  if (!scaling || inputs.length !== 1) return layer.refuse(`${layer.className} with the number ${y}`, "+ - * or /");
  return b.add(rescaling, layer.name, inputs, scaling(y));
}

/** @throws WeightsError naming the layer, for a class or option that this package does not have */
export const addKerasLayer: AddLayer = (b, layer, inputs) => {
  if (passedThrough.test(layer.className)) return inputs[0] ?? layer.refuse("no input", "1");
  const addLayer = classes.get(layer.className);
  if (!addLayer) {
    return layer.refuse(`layer class ${layer.className}`, `one of ${[...classes.keys()].sort().join(", ")}`);
  }
  const value = addLayer(b, layer, inputs);
  layer.finish();
  return value;
};

function relu(l: KerasLayer) {
  l.one("negative_slope", 0, null);
  l.one("threshold", 0, null);
  return { activation: l.one("max_value", null, 6) === 6 ? ("relu6" as const) : ("relu" as const) };
}

function softmax(l: KerasLayer, shape: Shape) {
  l.one("axis", -1, shape.length - 1);
  return { activation: "softmax" as const };
}

function normalization(l: KerasLayer, shape: Shape) {
  const last = shape.length - 1;
  l.one<unknown>("axis", -1, last, [last]);
  l.one("center", true);
  l.one("scale", true);
  return { epsilon: l.number("epsilon", 1e-3), momentum: l.number("momentum", 0.99) };
}

function convolution(
  l: KerasLayer,
): WindowAttrs & { useBias: boolean; activation: ReturnType<KerasLayer["activation"]> } {
  l.one("data_format", "channels_last");
  l.one("dilation_rate", [1, 1]);
  l.one("groups", 1);
  return {
    kernelSize: l.pair("kernel_size"),
    strides: l.pair("strides", [1, 1]),
    padding: l.one("padding", "valid", "same"),
    useBias: l.one("use_bias", true, false),
    activation: l.activation(),
  };
}

function zeroPadding(l: KerasLayer) {
  l.one("data_format", "channels_last");
  const [[top, bottom], [left, right]] = l.sides("padding");
  return { padding: { top, bottom, left, right } };
}

function globalPool(l: KerasLayer) {
  l.one("data_format", "channels_last");
  return { keepdims: l.one("keepdims", false, true) };
}

/** A window over the whole map is a global pooling; other windows are not in MobileNets. */
function wholePool(l: KerasLayer, shape: Shape) {
  l.one("data_format", "channels_last");
  l.one("padding", "valid", "same");
  const [height, width] = l.pair("pool_size");
  l.pair("strides", [height, width]);
  if (shape.length !== 4 || height !== shape[1] || width !== shape[2]) {
    l.refuse(`an average pooling of ${height}x${width} over ${formatShape(shape)}`, "a window over the whole map");
  }
  return { keepdims: true };
}

function reshapeTarget(l: KerasLayer, shape: Shape): readonly number[] {
  const target = l.integers("target_shape");
  const numbers = sizeOf(shape.slice(1));
  const rest = sizeOf(target.filter((n) => n !== -1));
  const sizes = target.map((n) => (n === -1 ? numbers / rest : n));
  if (sizeOf(sizes) === numbers && sizes.every((n) => Number.isInteger(n) && n > 0)) return sizes;
  return l.refuse(`target_shape ${formatShape(target)}`, `a shape of ${numbers} numbers`);
}

function flatten(l: KerasLayer) {
  l.one("data_format", "channels_last");
  return { target: [-1] };
}

/** Keras broadcasts either factor; our op takes the map first and the gate second. */
function addMultiply(b: GraphBuilder, layer: KerasLayer, inputs: readonly string[]): string {
  const [first, second] = inputs.map((input) => b.shapeOf(input));
  const gateFirst = second !== undefined && sameShape(first, [second[0], 1, 1, second[3]]);
  return as(multiply, () => ({}), 2)(b, layer, gateFirst ? [...inputs].reverse() : inputs);
}
