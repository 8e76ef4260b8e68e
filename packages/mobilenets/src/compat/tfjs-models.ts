import { checkOptions } from "../check-options.ts";
import { OptionError } from "../errors.ts";
import { type LoadOptions, load as loadModel, type WeightSource } from "../load.ts";
import type { Model } from "../model.ts";
import { show } from "../show.ts";
import { type Tensor, tensor } from "../tensor.ts";
import { topK } from "../top-k.ts";
import { resizeBilinear } from "./bilinear.ts";
import { type IoHandler, isIoHandler, sourceOfHandler } from "./io-handler.ts";
import { LogitsAndFeatures } from "./network.ts";
import { type CompatSource, countOf, type Pixels, pixelsNow, pixelsOf } from "./pixels.ts";
import { ResultTensor } from "./result-tensor.ts";

/** The version of `@tensorflow-models/mobilenet` that this stands in for. */
export const version = "2.1.1";

/** 1 or 2. */
export type MobileNetVersion = 1 | 2;
/** Width of the network: 0.25 (version 1 only), 0.5, 0.75 or 1. */
export type MobileNetAlpha = 0.25 | 0.5 | 0.75 | 1;

/** Options of `load`. */
export interface ModelConfig {
  /** Default 1. Ignored with `modelUrl`: the file names its version. */
  readonly version?: MobileNetVersion;
  /** Default 1. Ignored with `modelUrl`. */
  readonly alpha?: MobileNetAlpha;
  /**
   * Your own model: the address of a TensorFlow.js graph model's `model.json`, an IOHandler of TensorFlow.js, or any
   * source of this library's `load`, such as the address in `@mobilenets/weights-imagenet`. Default: Keras' published
   * weights of the network, fetched once. The original's addresses at TensorFlow Hub answer 403 since October 2025.
   */
  readonly modelUrl?: WeightSource | IoHandler;
  /**
   * The input values of 0 and 255 for the model at `modelUrl`, e.g. `[0, 1]`. Default: the file's own, and `[-1, 1]`
   * for a TensorFlow.js model, which names none. Ignored without `modelUrl`: the weights have their own.
   */
  readonly inputRange?: readonly [number, number];
  /** Beyond the original: how weights are fetched and run; see `load` of this library. */
  readonly options?: Pick<LoadOptions, "fetch" | "engine" | "companions" | "labels" | "warn">;
}

/** A class of ImageNet and its probability. */
export interface ClassNameAndProbability {
  className: string;
  probability: number;
}

/**
 * Loads a MobileNet. `load()` is version 1 at alpha 1; `load(2, 0.5)` is the form of the original's version 1.0.
 * @throws OptionError for an unknown version or width
 * @throws ReadError for weights that cannot be fetched: give their address as `modelUrl`
 */
export async function load(config: ModelConfig | MobileNetVersion = {}, alpha?: MobileNetAlpha): Promise<MobileNet> {
  const given = typeof config === "object" && config !== null ? config : { version: config, alpha };
  checkOptions("load", given, ["version", "alpha", "modelUrl", "inputRange", "options"]);
  const { modelUrl, inputRange, options } = given;
  if (inputRange !== undefined) checkRange(inputRange);
  const model = await (modelUrl === undefined || modelUrl === null
    ? loadNamed(given)
    : isIoHandler(modelUrl)
      ? sourceOfHandler(modelUrl).then(({ bytes, companions }) => loadModel(bytes, { ...options, companions }))
      : loadModel(modelUrl, options));
  try {
    const network = await LogitsAndFeatures.of(model, options?.engine);
    return new MobileNet(model, network, modelUrl === undefined ? undefined : inputRange);
  } finally {
    model.dispose();
  }
}

function loadNamed({ version = 1, alpha = 1, options }: ModelConfig): Promise<Model> {
  if (version !== 1 && version !== 2) {
    throw new OptionError({ where: "load", found: `version ${show(version)}`, expected: "1 or 2" });
  }
  return loadModel(`mobilenet_v${version}`, { alpha, ...options });
}

function checkRange(range: readonly [number, number]): void {
  if (Array.isArray(range) && range.length === 2 && range.every(Number.isFinite) && range[1] > range[0]) return;
  throw new OptionError({
    where: "inputRange",
    found: show(range),
    expected: "two numbers, the smaller first: [0, 1], [-1, 1]",
  });
}

/** The result of `load`. Pictures are stretched to the network's input, bilinear with `alignCorners`, as in the original. */
export class MobileNet {
  /** Names of the classes, in the order of the logits. */
  readonly labels: readonly string[];
  readonly #network: LogitsAndFeatures;
  readonly #size: { readonly height: number; readonly width: number };
  /** A sample x becomes `(x - mean) / std`. */
  readonly #mean: readonly number[];
  readonly #std: readonly number[];
  /** Classes before the first named one: Google's networks have one for the background. */
  readonly #first: number;

  /** @internal */
  constructor(model: Model, network: LogitsAndFeatures, range: readonly [number, number] | undefined) {
    const { preprocessing, labels } = model;
    if (preprocessing.channels !== 3) {
      throw new OptionError({ where: model.name, found: "an input of 1 channel", expected: "3" });
    }
    this.#network = network;
    this.#size = { height: preprocessing.height, width: preprocessing.width };
    const std = range && 255 / (range[1] - range[0]);
    this.#std = std === undefined ? preprocessing.std : [std, std, std];
    this.#mean = range && std !== undefined ? [0, 0, 0].map(() => -range[0] * std) : preprocessing.mean;
    this.#first = network.classes === 1001 ? 1 : 0;
    const named = labels.length === network.classes ? labels.slice(this.#first) : labels;
    // The original spells this name differently; users' code compares names.
    this.labels = named.map((label) => (label === "jellyfish" ? "jelly fish" : label));
  }

  /** Does nothing: the model is loaded. The original has this method. */
  async load(): Promise<void> {}

  /**
   * Returns the best classes of a picture. The probabilities of the named classes sum to 1.
   * @param image a picture or tensor; a list or a tensor `[n, height, width, 3]` gives a list per picture
   * @param topk number of classes, best first; at most all
   */
  classify(image: CompatSource, topk?: number): Promise<ClassNameAndProbability[]>;
  classify(images: readonly CompatSource[], topk?: number): Promise<ClassNameAndProbability[][]>;
  async classify(image: CompatSource | readonly CompatSource[], topk = 3) {
    if (!Number.isInteger(topk) || topk < 1) {
      throw new OptionError({ where: "topk", found: show(topk), expected: "an integer >= 1" });
    }
    const sources = isList(image) ? image : [image];
    const values = await this.#run(sources, false);
    const classes = values.length / sources.reduce((sum, source) => sum + countOf(source), 0);
    const rows: ClassNameAndProbability[][] = [];
    for (let at = 0; at < values.length; at += classes) {
      rows.push(
        topK(softmax(values.subarray(at, at + classes)), topk).map(({ index, value }) => ({
          className: this.labels[index] ?? `class ${index}`,
          probability: value,
        })),
      );
    }
    return isList(image) || rows.length > 1 ? rows : rows[0];
  }

  /**
   * Returns the logits of a picture, `[1, 1000]`, or its features, `[1, 1024]` for version 1 at alpha 1. Elements, pixels
   * and tensors give their numbers at once; files and addresses need `await data()`.
   * @param embedding whether to return features
   */
  infer(image: CompatSource | readonly CompatSource[], embedding = false): ResultTensor {
    const sources = isList(image) ? image : [image];
    const count = sources.reduce((sum, source) => sum + countOf(source), 0);
    const shape = [count, embedding ? this.#network.features : this.#network.classes - this.#first];
    const pixels = this.#network.isSync ? sources.map(pixelsNow) : [];
    if (this.#network.isSync && pixels.every((now) => now !== undefined)) {
      return new ResultTensor(shape, this.#take(this.#network.runSync(this.#input(pixels as Pixels[])), embedding));
    }
    return new ResultTensor(shape, this.#run(sources, embedding));
  }

  /** Frees memory and threads. Later calls reject. */
  dispose(): void {
    this.#network.dispose();
  }

  async #run(sources: readonly CompatSource[], embedding: boolean): Promise<Float32Array> {
    const pixels = await Promise.all(sources.map((source) => pixelsOf(source)));
    return this.#take(await this.#network.run(this.#input(pixels)), embedding);
  }

  #take([logits, features]: Tensor[], embedding: boolean): Float32Array {
    if (embedding) return features.data;
    if (this.#first === 0) return logits.data;
    const { classes } = this.#network;
    const kept = new Float32Array((logits.data.length / classes) * (classes - this.#first));
    for (let from = 0, to = 0; from < logits.data.length; from += classes, to += classes - this.#first) {
      kept.set(logits.data.subarray(from + this.#first, from + classes), to);
    }
    return kept;
  }

  #input(pictures: readonly Pixels[]): Tensor {
    const { height, width } = this.#size;
    const item = height * width * 3;
    const input = tensor([pictures.reduce((sum, { count }) => sum + count, 0), height, width, 3]);
    let at = 0;
    for (const { data, count, ...size } of pictures) {
      const length = size.height * size.width * 3;
      for (let i = 0; i < count; i++, at += item) {
        const picture = { data: part(data, i * length, length), ...size, channels: 3 };
        resizeBilinear(picture, this.#size, "corners", input.data, at);
      }
    }
    for (let i = 0; i < input.data.length; i++) input.data[i] = (input.data[i] - this.#mean[i % 3]) / this.#std[i % 3];
    return input;
  }
}

const isList = (image: CompatSource | readonly CompatSource[]): image is readonly CompatSource[] =>
  Array.isArray(image);

function part(data: ArrayLike<number>, from: number, length: number): ArrayLike<number> {
  if (from === 0 && data.length === length) return data;
  return "subarray" in data
    ? (data as Float32Array).subarray(from, from + length)
    : Array.prototype.slice.call(data, from, from + length);
}

function softmax(logits: Float32Array): Float32Array {
  const most = logits.reduce((max, x) => Math.max(max, x), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(logits, (x) => Math.exp(x - most));
  const sum = powers.reduce((total, x) => total + x, 0);
  return Float32Array.from(powers, (x) => x / sum);
}
