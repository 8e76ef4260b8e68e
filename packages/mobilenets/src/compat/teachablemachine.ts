import { OptionError, WeightsError } from "../errors.ts";
import { type LoadOptions, load as loadModel, type WeightSource } from "../load.ts";
import type { Model } from "../model.ts";
import { show } from "../show.ts";
import { topK } from "../top-k.ts";
import { refuseOthers } from "../weights/teachable-machine.ts";
import { resizeBilinear, type Samples } from "./bilinear.ts";
import { checkLabels, classesOf, modelAddress, probabilitiesOf, readJson } from "./labelled.ts";
import { type CompatSource, pixelsOf } from "./pixels.ts";

/** The version of `@teachablemachine/image` that this stands in for. */
export const version = "0.8.5";

/** Input width and height of Teachable Machine's models, unless their metadata say otherwise. */
export const IMAGE_SIZE = 224;

/** The content of `metadata.json`. */
export interface Metadata {
  readonly labels: readonly string[];
  readonly modelName?: string;
  readonly imageSize?: number;
  readonly grayscale?: boolean;
  readonly [other: string]: unknown;
}

/** A class and its probability. */
export interface ClassPrediction {
  className: string;
  probability: number;
}

/** Beyond the original: how the model is read and run; see `load` of mobilenets. */
export type TeachableOptions = Pick<LoadOptions, "fetch" | "engine" | "threads">;

/**
 * Loads an exported model.
 * @param model the address of `model.json`, of the folder at Teachable Machine, or (in Node) a folder's path; also the
 *   exported zip archive, and Keras and TFLite exports with their `labels.txt`
 * @param metadata the address of `metadata.json`, a file, or its content; optional if it lies beside the model
 * @throws WeightsError for metadata of another model, and for a model of sounds or poses
 */
export async function load(
  model: WeightSource,
  metadata?: string | URL | Blob | Metadata,
  options?: TeachableOptions,
): Promise<CustomMobileNet> {
  const loaded = await loadModel(typeof model === "string" ? modelAddress(model) : model, options);
  if (metadata === undefined || metadata === null) {
    if (loaded.labels.length > 0) return new CustomMobileNet(loaded, { labels: loaded.labels });
    const hint = "give the address of its metadata.json as the second argument";
    const where = typeof model === "string" || model instanceof URL ? `${model}` : "model";
    throw new WeightsError({ where, found: "a model without labels beside it", hint });
  }
  const isFile = typeof metadata === "string" || metadata instanceof URL || metadata instanceof Blob;
  const content = isFile ? await readJson(metadata) : metadata;
  const where = typeof metadata === "string" || metadata instanceof URL ? `${metadata}` : "metadata";
  return new CustomMobileNet(loaded, { ...content, labels: checkLabels(content.labels, loaded, where) });
}

/**
 * Loads a model from files that the user has chosen.
 * @param model `model.json`
 * @param weights `weights.bin`
 * @param metadata `metadata.json`
 * @throws WeightsError for files in the wrong place, and for a model of sounds or poses
 */
export async function loadFromFiles(
  model: Blob,
  weights: Blob,
  metadata: Blob,
  options?: TeachableOptions,
): Promise<CustomMobileNet> {
  const content = await readJson(metadata);
  refuseOthers(content, "metadata.json");
  const { weightsManifest } = (await readJson(model, "model.json")) as {
    weightsManifest?: readonly { paths: string[] }[];
  };
  // The manifest's name for the one file, which the user may have renamed.
  const companions = Object.fromEntries((weightsManifest?.[0]?.paths ?? []).map((path) => [path, weights]));
  const loaded = await loadModel(model, { ...options, companions });
  return new CustomMobileNet(loaded, { ...content, labels: checkLabels(content.labels, loaded, "metadata") });
}

/** A loaded model. Pictures are cropped to their middle square, as in training. */
export class CustomMobileNet {
  /** This library's model, for methods beyond the original: `embed`, `features`. */
  readonly model: Model;
  readonly #metadata: Metadata;

  /** @internal */
  constructor(model: Model, metadata: Metadata) {
    this.model = model;
    this.#metadata = metadata;
  }

  static get EXPECTED_IMAGE_SIZE(): number {
    return IMAGE_SIZE;
  }

  getMetadata(): Metadata {
    return this.#metadata;
  }

  getTotalClasses(): number {
    return classesOf(this.model);
  }

  getClassLabels(): readonly string[] {
    return this.#metadata.labels;
  }

  /**
   * Returns all classes, in the order of the labels.
   * @param flipped mirrors the picture, as Teachable Machine does with a webcam's
   */
  async predict(image: CompatSource, flipped = false): Promise<ClassPrediction[]> {
    const values = await this.#values(image, flipped);
    return Array.from(values, (probability, index) => ({ className: this.#labelOf(index), probability }));
  }

  /**
   * Returns the most probable classes, best first.
   * @param maxPredictions number of classes, at most all
   */
  async predictTopK(image: CompatSource, maxPredictions = 10, flipped = false): Promise<ClassPrediction[]> {
    if (!Number.isInteger(maxPredictions) || maxPredictions < 1) {
      throw new OptionError({ where: "maxPredictions", found: show(maxPredictions), expected: "an integer >= 1" });
    }
    const best = topK(await this.#values(image, flipped), maxPredictions);
    return best.map(({ index, value }) => ({ className: this.#labelOf(index), probability: value }));
  }

  /** Frees memory and threads. Later calls reject. */
  dispose(): void {
    this.model.dispose();
  }

  async #values(image: CompatSource, flipped: boolean): Promise<Float32Array> {
    const pixels = await pixelsOf(image);
    if (pixels.count !== 1) {
      throw new OptionError({ where: "predict", found: `${pixels.count} pictures`, expected: "one" });
    }
    return probabilitiesOf(this.model, pixels, (picture, { height }) => cropTo(picture, height, flipped));
  }

  #labelOf(index: number): string {
    return this.#metadata.labels[index] ?? `class ${index}`;
  }
}

/**
 * The middle square of a picture, as a canvas draws it: `cropTo` of @teachablemachine/image 0.8.5 with its roundings.
 */
function cropTo(picture: Samples, size: number, flipped: boolean): Float32Array {
  const scale = size / Math.min(picture.width, picture.height);
  const width = Math.ceil(picture.width * scale);
  const height = Math.ceil(picture.height * scale);
  const whole = { width, height, left: Math.trunc((width - size) / 2), top: Math.trunc((height - size) / 2) };
  const out = new Float32Array(size * size * 3);
  resizeBilinear(picture, { height: size, width: size, whole }, "canvas", out);
  return flipped ? mirrored(out, size) : out;
}

function mirrored(picture: Float32Array, size: number): Float32Array {
  const out = new Float32Array(picture.length);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const from = (y * size + size - 1 - x) * 3;
      out.set(picture.subarray(from, from + 3), (y * size + x) * 3);
    }
  }
  return out;
}
