import { headGradient, headInputs, headOf } from "./activation-map/head-gradient.ts";
import { checkOptions, kindOf } from "./check-options.ts";
import { headPooling } from "./embedding.ts";
import type { RunOptions } from "./engines/engine.ts";
import { OptionError } from "./errors.ts";
import { globalAveragePooling2d } from "./graph/ops/global_average_pooling2d.ts";
import { furtherOps, is } from "./graph/ops.ts";
import type { Rectangle } from "./image/crop.ts";
import { fittingOf } from "./image/fitting.ts";
import { type ImageSource, toPicture } from "./image/source.ts";
import type { Model, Prediction } from "./model.ts";
import { topK } from "./top-k.ts";

/** The evidence for a class at each place of a picture. */
export interface ActivationMap extends Prediction {
  /**
   * Row-major `[height, width]`, in logits: positive values are evidence for the class, negative ones against it. For a
   * classifier of one dense layer, their mean is the class's logit less its bias.
   */
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
  /** The part of the picture that the map covers, in the picture's pixels; with `crop: "pad"` it extends beyond it. */
  readonly region: Rectangle;
}

/** Options of `activationMaps`: they choose the classes that get a map. */
export interface ActivationMapOptions extends RunOptions {
  /** Positions in the classifier's output. Default: the best `topK`. */
  readonly classes?: readonly number[];
  /** How many of the best classes get a map if `classes` is left out; at most all. Default 1. */
  readonly topK?: number;
}

/**
 * Class-activation maps of one picture: the last convolution's channels, each weighted by its influence on the class
 * (Zhou et al. 2016; with hidden layers after the pooling, as in V3, by the gradient: Selvaraju et al. 2017).
 * @returns a map for each class, best first; all have the size of the network's last map (7x7 at 224 pixels)
 * @throws OptionError for a network without a classifier after average pooling, or a class that it does not have
 */
export async function activationMaps(
  model: Model,
  image: ImageSource,
  options: ActivationMapOptions = {},
): Promise<ActivationMap[]> {
  checkOptions("activationMaps", options, ["classes", "topK", "signal"]);
  const k = options.topK ?? 1;
  if (!Number.isInteger(k) || k < 1) {
    throw new OptionError({ where: "topK", found: kindOf(k), expected: "an integer >= 1" });
  }
  const { program } = model;
  const [output] = program.graph.outputs;
  const pool = headPooling(program.graph);
  if (!pool || !is(pool, globalAveragePooling2d) || pool.name === output) {
    const expected = "a classifier on features that are averaged over the picture";
    throw new OptionError({ where: model.name, found: "no class-activation map", expected });
  }
  const [layer] = pool.inputs;
  const picture = await toPicture(image);
  const { signal } = options;
  const { [layer]: map, [output]: answer } = await model.features(picture, [layer, output], { signal });
  const classes = checkClasses(options.classes, answer.data.length) ?? topK(answer.data, k).map(({ index }) => index);
  const [, height, width, channels] = map.shape;
  const head = headOf(program, pool);
  const ops = await furtherOps(program.graph);
  const inputs = headInputs(program, head, meansOf(map.data, channels), ops);
  const region = await regionOf(picture.width, picture.height, model.preprocessing);
  return [...classes]
    .sort((a, b) => answer.data[b] - answer.data[a])
    .map((index) => ({
      index,
      label: model.labelOf(index),
      probability: answer.data[index],
      data: weigh(map.data, headGradient(program, head, inputs, index, ops)),
      height,
      width,
      region,
    }));
}

function checkClasses(classes: readonly number[] | undefined, count: number): readonly number[] | undefined {
  if (classes === undefined) return undefined;
  const wrong = Array.isArray(classes) ? classes.find((i) => !Number.isInteger(i) || i < 0 || i >= count) : classes;
  if (wrong === undefined) return classes;
  throw new OptionError({
    where: "classes",
    found: kindOf(wrong),
    expected: `a list of positions from 0 to ${count - 1}`,
  });
}

/** @param map of shape `[pixels, channels]` */
function meansOf(map: Float32Array, channels: number): Float32Array {
  const sums = new Float64Array(channels);
  for (let at = 0; at < map.length; at += channels) for (let c = 0; c < channels; c++) sums[c] += map[at + c];
  return Float32Array.from(sums, (sum) => (sum * channels) / map.length);
}

/** The weighted sum of the channels at each pixel. */
function weigh(map: Float32Array, weights: Float64Array): Float32Array {
  const channels = weights.length;
  const sums = new Float32Array(map.length / channels);
  for (let pixel = 0; pixel < sums.length; pixel++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += weights[c] * map[pixel * channels + c];
    sums[pixel] = sum;
  }
  return sums;
}

/** The rectangle that the network's whole input shows, in the picture's pixels. */
async function regionOf(width: number, height: number, to: Model["preprocessing"]): Promise<Rectangle> {
  const { source, destination } = (await fittingOf(to)).place(width, height, to);
  const across = source.width / destination.width;
  const down = source.height / destination.height;
  return {
    x: source.x - destination.x * across,
    y: source.y - destination.y * down,
    width: to.width * across,
    height: to.height * down,
  };
}
