import { cropping2d } from "../../graph/ops/cropping2d.ts";
import { depthwiseConv2d } from "../../graph/ops/depthwise_conv2d.ts";
import { rescaling } from "../../graph/ops/rescaling.ts";
import { resize2d } from "../../graph/ops/resize2d.ts";
import { zeroPadding2d } from "../../graph/ops/zero_padding2d.ts";
import { type Tensor, tensor } from "../../tensor.ts";
import type { KerasLayer } from "./layer.ts";
import type { KerasProgramBuilder } from "./program.ts";

// Keras' preprocessing layers, as a graph before the network.

type AddLayer = (b: KerasProgramBuilder, layer: KerasLayer, inputs: readonly string[]) => string;

/** Python's `int()`, at TensorFlow's precision of a crop's sides. */
const whole = (n: number) => Math.trunc(Math.fround(n));

export const addResizing: AddLayer = (b, layer, [x]) => {
  layer.one("data_format", "channels_last");
  layer.one("antialias", false);
  layer.one("fill_mode", "constant");
  layer.one("fill_value", 0);
  const [height, width] = [layer.count("height"), layer.count("width")];
  const interpolation = layer.one("interpolation", "bilinear", "nearest");
  const cropped = layer.one("crop_to_aspect_ratio", false, true);
  const padded = layer.one("pad_to_aspect_ratio", false, true);
  const source = cropped ? aspect(b, layer, x, height, width, "crop") : x;
  const framed = padded ? aspect(b, layer, source, height, width, "pad") : source;
  b.add(resize2d, layer.name, [framed], { height, width, interpolation });
  return layer.name;
};

export const addCenterCrop: AddLayer = (b, layer, [x]) => {
  layer.one("data_format", "channels_last");
  const [height, width] = [layer.count("height"), layer.count("width")];
  const [, rows, columns] = b.shapeOf(x);
  if (rows >= height && columns >= width) {
    return crop(b, layer.name, x, height, width);
  }
  // A picture that is too small is cropped to the proportions, and enlarged.
  const source = aspect(b, layer, x, height, width, "crop");
  b.add(resize2d, layer.name, [source], { height, width, interpolation: "bilinear" });
  return layer.name;
};

export const addCropping: AddLayer = (b, layer, [x]) => {
  layer.one("data_format", "channels_last");
  const [[top, bottom], [left, right]] = layer.sides("cropping");
  b.add(cropping2d, layer.name, [x], { padding: { top, bottom, left, right } });
  return layer.name;
};

/** Adds a centre crop. */
function crop(b: KerasProgramBuilder, name: string, x: string, height: number, width: number): string {
  const [, rows, columns] = b.shapeOf(x);
  const [top, left] = [Math.trunc((rows - height) / 2), Math.trunc((columns - width) / 2)];
  const padding = { top, bottom: rows - height - top, left, right: columns - width - left };
  b.add(cropping2d, name, [x], { padding });
  return name;
}

/** Crops or pads the map with zeros to the wanted aspect ratio. */
function aspect(
  b: KerasProgramBuilder,
  layer: KerasLayer,
  x: string,
  height: number,
  width: number,
  by: "crop" | "pad",
): string {
  const [, rows, columns] = b.shapeOf(x);
  const fitting = [whole((columns * height) / width), whole((rows * width) / height)];
  const name = `${layer.name}/${by}`;
  if (by === "crop") {
    const [h, w] = [Math.max(Math.min(rows, fitting[0]), 1), Math.max(Math.min(columns, fitting[1]), 1)];
    return crop(b, name, x, h, w);
  }
  const [h, w] = [Math.max(rows, fitting[0]), Math.max(columns, fitting[1])];
  const [top, left] = [Math.trunc((h - rows) / 2), Math.trunc((w - columns) / 2)];
  // Keras pads after the picture as much as before it, and the resize accepts the result.
  const [bottom, right] = [h > rows ? top : 0, w > columns ? left : 0];
  b.add(zeroPadding2d, name, [x], { padding: { top, bottom, left, right } });
  return name;
}

/** Lower bound of a deviation: `keras.config.epsilon()`. */
const LEAST_DEVIATION = 1e-7;

/** Keras' `Normalization`: (x - mean) / deviation, each one number or one per channel, from the config or learned. */
export const addNormalization: AddLayer = (b, layer, [x]) => {
  const invert = layer.one("invert", false, true);
  const shape = b.shapeOf(x);
  const last = shape.length - 1;
  layer.one<unknown>("axis", -1, last, [-1], [last], [], null);
  const channels = shape[last];
  const [mean, variance] = [layer.numbers("mean"), layer.numbers("variance")];
  const { name } = layer;
  if (mean && variance) {
    const fits = [1, channels].includes(mean.length) && mean.length === variance.length;
    if (!fits) layer.refuse(`${mean.length} means and ${variance.length} variances`, `1 or ${channels} of both`);
    const [factors, terms] = affine(mean, variance, invert);
    if (mean.length === 1) {
      b.add(rescaling, name, [x], { scale: factors[0], offset: terms[0] });
      return name;
    }
    const params = addAffine(b, layer, x);
    b.constants[params.depthwise_kernel] = tensor([1, 1, channels, 1], factors);
    b.constants[params.bias] = tensor([channels], terms);
    return name;
  }
  const { depthwise_kernel, bias } = addAffine(b, layer, x);
  b.own(layer, { mean: depthwise_kernel, variance: bias }, (tensors: readonly Tensor[]) => {
    const [factors, terms] = affine([...tensors[0].data], [...(tensors[1]?.data ?? [])], invert);
    const filled = (values: readonly number[]) => Array.from({ length: channels }, (_, c) => values[c % values.length]);
    return [tensor([1, 1, channels, 1], filled(factors)), tensor([channels], filled(terms))];
  });
  return name;
};

/** Keras' `Rescaling`, with one number or one per channel. */
export const addRescaling: AddLayer = (b, layer, [x]) => {
  const scale = layer.numbers("scale") ?? layer.refuse("no scale", "a number");
  return rescale(b, layer, x, scale, layer.numbers("offset") ?? [0]);
};

/** Adds x times a scale plus an offset, each one number or one per channel. */
export function rescale(
  b: KerasProgramBuilder,
  layer: KerasLayer,
  x: string,
  scale: readonly number[],
  offset: readonly number[],
): string {
  const { name } = layer;
  if (scale.length === 1 && offset.length === 1) {
    b.add(rescaling, name, [x], { scale: scale[0], offset: offset[0] });
    return name;
  }
  const channels = b.shapeOf(x).at(-1) as number;
  if (![scale, offset].every(({ length }) => length === 1 || length === channels)) {
    layer.refuse(`${scale.length} scales and ${offset.length} offsets`, `1 or ${channels} of each`);
  }
  const filled = (values: readonly number[]) => Array.from({ length: channels }, (_, c) => values[c % values.length]);
  const params = addAffine(b, layer, x);
  b.constants[params.depthwise_kernel] = tensor([1, 1, channels, 1], filled(scale));
  b.constants[params.bias] = tensor([channels], filled(offset));
  return name;
}

/** Keras' `UpSampling2D`: a resize by whole factors. */
export const addUpSampling: AddLayer = (b, layer, [x]) => {
  layer.one("data_format", "channels_last");
  const [v, h] = layer.pair("size", [2, 2]);
  const [, rows, columns] = b.shapeOf(x);
  const interpolation = layer.one("interpolation", "nearest", "bilinear");
  b.add(resize2d, layer.name, [x], { height: rows * v, width: columns * h, interpolation });
  return layer.name;
};

/** Adds a scale and an offset per channel as a depthwise convolution of one pixel. */
function addAffine(b: KerasProgramBuilder, layer: KerasLayer, x: string) {
  if (b.shapeOf(x).length !== 4) layer.refuse("a normalization of features", "one of pictures");
  return b.add(depthwiseConv2d, layer.name, [x], {
    kernelSize: [1, 1],
    strides: [1, 1],
    padding: "valid",
    depthMultiplier: 1,
    useBias: true,
    activation: "linear",
  });
}

function affine(mean: readonly number[], variance: readonly number[], invert: boolean): readonly [number[], number[]] {
  const deviations = mean.map((_, i) => Math.max(Math.sqrt(variance[i]), LEAST_DEVIATION));
  if (invert) return [deviations, [...mean]];
  const factors = deviations.map((deviation) => 1 / deviation);
  return [factors, factors.map((factor, i) => -mean[i] * factor)];
}
