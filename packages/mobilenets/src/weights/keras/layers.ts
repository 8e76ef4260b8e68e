import type { Activation } from "../../graph/activations.ts";
import type { Attrs } from "../../graph/graph.ts";
import type { Op } from "../../graph/op.ts";
import { activation } from "../../graph/ops/activation.ts";
import { add } from "../../graph/ops/add.ts";
import { batchNormalization } from "../../graph/ops/batch_normalization.ts";
import { conv2d } from "../../graph/ops/conv2d.ts";
import { dense } from "../../graph/ops/dense.ts";
import { depthwiseConv2d } from "../../graph/ops/depthwise_conv2d.ts";
import { dropout } from "../../graph/ops/dropout.ts";
import { globalAveragePooling2d } from "../../graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../../graph/ops/global_max_pooling2d.ts";
import { layerNormalization } from "../../graph/ops/layer_normalization.ts";
import { normalizeRows } from "../../graph/ops/normalize_rows.ts";
import { pooling2d } from "../../graph/ops/pooling2d.ts";
import { reshape } from "../../graph/ops/reshape.ts";
import { zeroPadding2d } from "../../graph/ops/zero_padding2d.ts";
import type { WindowAttrs } from "../../graph/window.ts";
import { formatShape, type Shape, sameShape, sizeOf, tensor } from "../../tensor.ts";
import { addNonlinearity, addPReLU, addReLU, addThresholdedReLU } from "./activations.ts";
import { functionOf } from "./functions.ts";
import {
  addCenterCrop,
  addCropping,
  addNormalization,
  addRescaling,
  addResizing,
  addUpSampling,
  rescale,
} from "./images.ts";
import { KerasLayer } from "./layer.ts";
import { addAverage, addConcatenate, addMultiply, larger, lesser, merge, subtract } from "./merges.ts";
import type { KerasProgramBuilder } from "./program.ts";

/** Adds a layer to a graph and returns its value's name. */
type AddLayer = (b: KerasProgramBuilder, layer: KerasLayer, inputs: readonly string[]) => string;

/** A class that is one op, with attributes from the layer's options and the input's shape. */
function as<A extends Attrs>(op: Op<A>, attrs: (layer: KerasLayer, shape: Shape) => A): AddLayer {
  return (b, layer, inputs) => {
    b.own(layer, b.add(op, layer.name, inputs, attrs(layer, b.shapeOf(inputs[0]))));
    return layer.name;
  };
}

/** A class with an activation, built into the op or as a separate op after it. */
function bent<A extends Attrs>(
  op: Op<A & { readonly activation: Activation }>,
  attrs: (layer: KerasLayer) => A,
): AddLayer {
  return (b, layer, [x]) => {
    const f = layer.nonlinearity();
    const built = "activation" in f ? f.activation : "linear";
    const name = "activation" in f ? layer.name : `${layer.name}/linear`;
    b.own(layer, b.add(op, name, [x], { ...attrs(layer), activation: built }));
    return "activation" in f ? name : addNonlinearity(b, layer.name, name, f, layer);
  };
}

/** Checks that a layer has one input, as most have. */
const single = (addLayer: AddLayer): AddLayer => {
  return (b, layer, inputs) => {
    if (inputs.length !== 1) layer.refuse(`${inputs.length} inputs`, "1");
    return addLayer(b, layer, inputs);
  };
};

/** Layers by class name. Options have Keras' names and defaults. */
const classes: ReadonlyMap<string, AddLayer> = new Map([
  ["Activation", single(addActivation)],
  ["ReLU", single(addReLU)],
  ["LeakyReLU", single((b, l, [x]) => addNonlinearity(b, l.name, x, { function: "leaky_relu", alpha: leak(l) }, l))],
  ["ELU", single((b, l, [x]) => addNonlinearity(b, l.name, x, { function: "elu", alpha: l.number("alpha", 1) }, l))],
  ["PReLU", single(addPReLU)],
  ["ThresholdedReLU", single(addThresholdedReLU)],
  ["Softmax", single(as(activation, softmax))],
  ["Add", merge((b, name, [x, y]) => b.add(add, name, [x, y], {}))],
  ["Subtract", merge(subtract)],
  ["Average", addAverage],
  ["Maximum", merge(larger)],
  ["Minimum", merge(lesser)],
  ["Multiply", merge(addMultiply)],
  ["Concatenate", addConcatenate],
  ["BatchNormalization", single(addBatchNormalization)],
  ["LayerNormalization", single(addLayerNormalization)],
  ["UnitNormalization", single(as(normalizeRows, unitNormalization))],
  ["Normalization", single(addNormalization)],
  ["Conv2D", single(bent(conv2d, (l) => ({ filters: l.count("filters"), ...convolution(l) })))],
  [
    "DepthwiseConv2D",
    single(bent(depthwiseConv2d, (l) => ({ depthMultiplier: l.count("depth_multiplier", 1), ...convolution(l) }))),
  ],
  ["SeparableConv2D", single(addSeparable)],
  ["Dense", single(addDense)],
  ["ZeroPadding2D", single(as(zeroPadding2d, zeroPadding))],
  ["Cropping2D", single(addCropping)],
  ["CenterCrop", single(addCenterCrop)],
  ["RandomCrop", single(addCenterCrop)],
  ["Resizing", single(addResizing)],
  ["UpSampling2D", single(addUpSampling)],
  ["GlobalAveragePooling2D", single(as(globalAveragePooling2d, globalPool))],
  ["GlobalMaxPooling2D", single(as(globalMaxPooling2d, globalPool))],
  ["AdaptiveAveragePooling2D", single(as(globalAveragePooling2d, wholePool))],
  ["AdaptiveMaxPooling2D", single(as(globalMaxPooling2d, wholePool))],
  ["AveragePooling2D", single((b, l, x) => addPooling(b, l, x, "average"))],
  ["MaxPooling2D", single((b, l, x) => addPooling(b, l, x, "max"))],
  ["Reshape", single(as(reshape, (l, shape) => ({ target: reshapeTarget(l, shape) })))],
  ["Flatten", single(as(reshape, flatten))],
  ["Dropout", single(as(dropout, (l) => ({ rate: l.number("rate") })))],
  ["Rescaling", single(addRescaling)],
  ["Pipeline", single(addPipeline)],
]);

/** Layers that do nothing in inference: augmentation, and noise of training. */
const passedThrough =
  /^(Random(Brightness|ColorDegeneration|ColorJitter|Contrast|ElasticTransform|Erasing|Flip|GaussianBlur|Grayscale|Hue|Invert|Perspective|Posterization|Rotation|Saturation|Sharpness|Shear|Translation|Zoom)|(Rand|Aug)Augment|AugMix|CutMix|MixUp|GaussianNoise|GaussianDropout|AlphaDropout|SpatialDropout2D|ActivityRegularization|Identity)$/;

/** Operators with a number in a model's code, as x * scale + offset. */
const arithmetic: ReadonlyMap<string, (y: number) => { scale: number; offset: number }> = new Map([
  ["Add", (y) => ({ scale: 1, offset: y })],
  ["Subtract", (y) => ({ scale: 1, offset: -y })],
  ["Multiply", (y) => ({ scale: y, offset: 0 })],
  ["Divide", (y) => ({ scale: 1 / y, offset: 0 })],
  ["TrueDivide", (y) => ({ scale: 1 / y, offset: 0 })],
]);

/** The same with the number first: y - x. */
const reversed: typeof arithmetic = new Map([
  ["Add", (y) => ({ scale: 1, offset: y })],
  ["Subtract", (y) => ({ scale: -1, offset: y })],
  ["Multiply", (y) => ({ scale: y, offset: 0 })],
]);

/** A number in a model's arithmetic, before the operator or after it. */
export interface Constant {
  /** One number, or one for each channel. */
  readonly constant: number | readonly number[];
  readonly first?: boolean;
}

/** TensorFlow functions of the same arithmetic, in models that Keras 2 saved. */
const tensorFlowNames: ReadonlyMap<unknown, string> = new Map([
  ["__operators__.add", "Add"],
  ["math.add", "Add"],
  ["math.subtract", "Subtract"],
  ["math.multiply", "Multiply"],
  ["math.truediv", "Divide"],
]);

/** @throws WeightsError for an operator that is not arithmetic with a number */
export function addArithmetic(
  b: KerasProgramBuilder,
  layer: KerasLayer,
  inputs: readonly string[],
  { constant: y, first }: Constant,
): string {
  const called = layer.className === "TFOpLambda" ? tensorFlowNames.get(layer.config.function) : layer.className;
  const scaling = (first ? reversed : arithmetic).get(called ?? "");
  if (!scaling || inputs.length !== 1) return layer.refuse(`${layer.className} with the number ${y}`, "+ - * or /");
  const factors = [y].flat().map(scaling);
  return rescale(
    b,
    layer,
    inputs[0],
    factors.map(({ scale }) => scale),
    factors.map(({ offset }) => offset),
  );
}

/** A hint for unsupported layers. */
const INSTEAD =
  'end the model before it: keras.Model(model.input, model.get_layer("...").output); or ' +
  'model.export("model.onnx", format="onnx") may write it as arithmetic';

/** @throws WeightsError for an unsupported class or option; it names the layer */
export const addKerasLayer: AddLayer = (b, layer, inputs) => {
  if (passedThrough.test(layer.className)) return inputs[0] ?? layer.refuse("no input", "1");
  const addFunction = functionOf(layer);
  const addLayer = addFunction ? single((_b, _l, [x]) => addFunction(b, layer, x)) : classes.get(layer.className);
  if (!addLayer) {
    const known = [...classes.keys()].sort().join(", ");
    return layer.refuse(`layer class ${layer.className}`, `one of ${known}`, INSTEAD);
  }
  const value = addLayer(b, layer, inputs);
  layer.finish();
  return value;
};

/** A linear activation stays a layer, as the last layer of our networks does. */
function addActivation(b: KerasProgramBuilder, l: KerasLayer, [x]: readonly string[]): string {
  const f = l.nonlinearity();
  if ("activation" in f) b.add(activation, l.name, [x], f);
  else addNonlinearity(b, l.name, x, f, l);
  return l.name;
}

const leak = (l: KerasLayer) => l.optionalNumber("negative_slope") ?? l.number("alpha", 0.3);

function softmax(l: KerasLayer, shape: Shape) {
  l.one<unknown>("axis", -1, shape.length - 1, [-1]);
  return { activation: "softmax" as const };
}

function unitNormalization(l: KerasLayer, shape: Shape) {
  l.one<unknown>("axis", -1, shape.length - 1, [-1]);
  // Keras' constant, which is no option of the layer.
  return { kind: "length" as const, epsilon: 1e-12 };
}

/** A layer without a scale or a shift gets 1 or 0 for it. */
function addBatchNormalization(b: KerasProgramBuilder, l: KerasLayer, [x]: readonly string[]): string {
  const last = b.shapeOf(x).length - 1;
  l.one<unknown>("axis", -1, last, [last]);
  const [center, scale] = [l.one("center", true, false), l.one("scale", true, false)];
  const attrs = { epsilon: l.number("epsilon", 1e-3), momentum: l.number("momentum", 0.99) };
  ownScaled(b, l, b.add(batchNormalization, l.name, [x], attrs), center, scale);
  return l.name;
}

function addLayerNormalization(b: KerasProgramBuilder, l: KerasLayer, [x]: readonly string[]): string {
  const last = b.shapeOf(x).length - 1;
  l.one<unknown>("axis", -1, last, [-1], [last]);
  l.one("rms_scaling", false);
  const [center, scale] = [l.one("center", true, false), l.one("scale", true, false)];
  const params = b.add(layerNormalization, l.name, [x], { epsilon: l.number("epsilon", 1e-3) });
  ownScaled(b, l, params, center, scale);
  return l.name;
}

function ownScaled(
  b: KerasProgramBuilder,
  l: KerasLayer,
  { gamma, beta, ...statistics }: Readonly<Record<string, string>>,
  center: boolean,
  scale: boolean,
): void {
  const constant = (param: string, value: number) => {
    const filled = tensor(b.shapeOf(param));
    filled.data.fill(value);
    b.constants[param] = filled;
  };
  if (!scale) constant(gamma, 1);
  if (!center) constant(beta, 0);
  b.own(l, { ...(scale && { gamma }), ...(center && { beta }), ...statistics });
}

function convolution(l: KerasLayer): WindowAttrs & { useBias: boolean } {
  l.one("data_format", "channels_last");
  l.one("dilation_rate", [1, 1]);
  l.one("groups", 1);
  return {
    kernelSize: l.pair("kernel_size"),
    strides: l.pair("strides", [1, 1]),
    padding: l.one("padding", "valid", "same"),
    useBias: l.one("use_bias", true, false),
  };
}

/** A depthwise and a pointwise convolution. */
function addSeparable(b: KerasProgramBuilder, l: KerasLayer, [x]: readonly string[]): string {
  const depthMultiplier = l.count("depth_multiplier", 1);
  const { useBias, ...window } = convolution(l);
  const filters = l.count("filters");
  const inner = `${l.name}/depthwise`;
  const first = b.add(depthwiseConv2d, inner, [x], {
    ...window,
    depthMultiplier,
    useBias: false,
    activation: "linear",
  });
  const f = l.nonlinearity();
  const name = "activation" in f ? l.name : `${l.name}/linear`;
  const second = b.add(conv2d, name, [inner], {
    filters,
    kernelSize: [1, 1],
    strides: [1, 1],
    padding: "valid",
    useBias,
    activation: "activation" in f ? f.activation : "linear",
  });
  const { kernel, ...bias } = second;
  b.own(l, { depthwise_kernel: first.depthwise_kernel, pointwise_kernel: kernel, ...bias });
  return "activation" in f ? name : addNonlinearity(b, l.name, name, f, l);
}

/** On a map, a dense layer is a 1x1 convolution. */
function addDense(b: KerasProgramBuilder, l: KerasLayer, x: readonly string[]): string {
  const options = () => ({ useBias: l.one("use_bias", true, false) });
  if (b.shapeOf(x[0]).length !== 4) return bent(dense, () => ({ units: l.count("units"), ...options() }))(b, l, x);
  const pointwise = { kernelSize: [1, 1], strides: [1, 1], padding: "valid" } as const;
  return bent(conv2d, () => ({ filters: l.count("units"), ...pointwise, ...options() }))(b, l, x);
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

/** Attributes of a global pooling. */
function wholePool(l: KerasLayer) {
  l.one("data_format", "channels_last");
  l.one<unknown>("output_size", [1, 1], 1);
  return { keepdims: true };
}

/** A window over the whole map is a global pooling. */
function addPooling(b: KerasProgramBuilder, l: KerasLayer, [x]: readonly string[], kind: "average" | "max"): string {
  l.one("data_format", "channels_last");
  const padding = l.one("padding", "valid", "same");
  const kernelSize = l.pair("pool_size", [2, 2]);
  const strides = l.pair("strides", kernelSize);
  const shape = b.shapeOf(x);
  if (shape.length === 4 && sameShape(kernelSize, shape.slice(1, 3))) {
    const whole = padding === "valid" || sameShape(strides, kernelSize);
    const op = kind === "average" ? globalAveragePooling2d : globalMaxPooling2d;
    if (whole) {
      b.add(op, l.name, [x], { keepdims: true });
      return l.name;
    }
  }
  b.add(pooling2d, l.name, [x], { kind, kernelSize, strides, padding });
  return l.name;
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

/** Adds preprocessing layers one after the other; most are random and do nothing in inference. */
function addPipeline(b: KerasProgramBuilder, layer: KerasLayer, [x]: readonly string[]): string {
  const layers = layer.list("layers").map((json) => new KerasLayer(json, layer.name));
  return layers.reduce((value, inner) => addKerasLayer(b, inner, [value]), x);
}
