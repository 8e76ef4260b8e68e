import { OptionError } from "../errors.ts";
import { type LoadOptions, load as loadModel } from "../load.ts";
import type { Model } from "../model.ts";
import { show } from "../show.ts";
import { resizeBilinear } from "./bilinear.ts";
import { checkLabels, modelAddress, probabilitiesOf, readJson } from "./labelled.ts";
import { type CompatSource, isTensor, pixelsOf } from "./pixels.ts";
import { load as loadMobileNet, type MobileNetAlpha, type MobileNetVersion } from "./tfjs-models.ts";

/** A class and its probability. Without labels, the class is its index. */
export interface LabelAndConfidence {
  label: string | number;
  confidence: number;
}

/** Options of `imageClassifier` for `MobileNet`; models at an address have none. */
export interface ImageClassifierOptions {
  /** Default 2. */
  readonly version?: MobileNetVersion;
  /** Default 1. */
  readonly alpha?: MobileNetAlpha;
  /** Number of classes that `classify` returns. Default 3. */
  readonly topk?: number;
  /** Beyond the original: how weights are fetched and run; see `load` of mobilenets. */
  readonly options?: Pick<LoadOptions, "fetch" | "engine">;
}

/** ml5 1.x's callback: it gets either a result or an error. */
export type Callback<Result> = (result?: Result, error?: unknown) => void;

/** A picture, or a p5 image, video or canvas. */
export type Ml5Source = CompatSource | { readonly elt: CompatSource } | { readonly canvas: CompatSource };

/** The number of classes and a callback, in any order. */
type Rest<Result> = readonly (number | Callback<Result> | undefined)[];

/** A classifier to use at once, as in p5's `setup` after `preload`, or to await, as in ml5 without p5. */
export type LoadingClassifier = Promise<ImageClassifier> & Pick<ImageClassifier, keyof ImageClassifier>;

/**
 * Returns a classifier at once and loads its model meanwhile. Its methods, and `await`, wait for the model.
 * @param model `MobileNet`, or a model's address: `model.json` of TensorFlow.js, Teachable Machine's folder or zip archive
 * @param rest options, and a callback for the loaded classifier
 */
export function imageClassifier(
  model?: string | ImageClassifierOptions | Callback<ImageClassifier>,
  ...rest: readonly (ImageClassifierOptions | Callback<ImageClassifier> | undefined)[]
): LoadingClassifier {
  const given = [model, ...rest];
  const name = given.find((value) => typeof value === "string");
  const callback = given.find((value) => typeof value === "function");
  const options = given.find((value) => typeof value === "object" && value !== null);
  const classifier = new ImageClassifier(
    name,
    options as ImageClassifierOptions,
    callback as Callback<ImageClassifier>,
  );
  const loading = classifier.ready.then(() => classifier);
  // classify() reports the error again.
  loading.catch(() => {});
  return Object.assign(loading, {
    ready: classifier.ready,
    classify: classifier.classify.bind(classifier),
    classifyStart: classifier.classifyStart.bind(classifier),
    classifyStop: () => classifier.classifyStop(),
    dispose: () => classifier.dispose(),
  });
}

/** Returns the classes of a picture: all, or the best `topk`. */
type Classify = (image: CompatSource, topk: number | undefined) => Promise<LabelAndConfidence[]>;

/** The result of `imageClassifier`. */
export class ImageClassifier {
  /** Resolves when the model is loaded. */
  readonly ready: Promise<ImageClassifier>;
  readonly #topk: number | undefined;
  #classify!: Classify;
  #free = () => {};
  /** The current `classifyStart`; each call ends the one before. */
  #run: object | undefined;

  /** @internal */
  constructor(name: string | undefined, options: ImageClassifierOptions = {}, callback?: Callback<ImageClassifier>) {
    const address = name !== undefined && isAddress(name) ? name : undefined;
    this.#topk = address === undefined ? valid("topk", options.topk, Number.isInteger, 3) : undefined;
    const loading = address === undefined ? this.#loadNamed(name, options) : this.#loadFrom(address, options);
    const loaded = loading.then((): ImageClassifier => this);
    this.ready = told(loaded, callback);
    // classify() reports the error again.
    this.ready.catch(() => {});
  }

  /**
   * Returns the most probable classes, best first: three for `MobileNet`, all for a model at an address.
   * @param rest the number of classes, and a callback
   */
  classify(image: Ml5Source, ...rest: Rest<LabelAndConfidence[]>): Promise<LabelAndConfidence[]> {
    const [topk, callback] = numberAndFunction(rest);
    return told(this.#once(image, topk), callback);
  }

  /**
   * Classifies a video repeatedly: after each result, the current frame.
   * @param rest the number of classes, and the callback for each result
   */
  async classifyStart(image: Ml5Source, ...rest: Rest<LabelAndConfidence[]>): Promise<void> {
    const [topk, callback] = numberAndFunction(rest);
    const run = {};
    this.#run = run;
    while (this.#run === run) {
      try {
        const results = await this.#once(image, topk);
        if (this.#run === run) callback?.(results);
      } catch (error) {
        if (this.#run === run) this.#run = undefined;
        if (!callback) throw error;
        callback(undefined, error);
      }
      await nextFrame();
    }
  }

  /** Stops `classifyStart`. */
  classifyStop(): void {
    this.#run = undefined;
  }

  /** Beyond the original: frees memory and threads. Later calls reject. */
  dispose(): void {
    this.classifyStop();
    const end = () => {
      this.#classify = () => Promise.reject(this.#ended());
      this.#free();
    };
    // A model that is still loading is freed once loaded.
    this.ready.then(end, () => {});
  }

  async #once(image: Ml5Source, topk = this.#topk): Promise<LabelAndConfidence[]> {
    await this.ready;
    return this.#classify(pictureOf(image), topk);
  }

  #ended(): OptionError {
    return new OptionError({ where: "imageClassifier", found: "a call after dispose()", hint: "load it again" });
  }

  async #loadNamed(name = "MobileNet", given: ImageClassifierOptions): Promise<void> {
    if (/^(darknet(-tiny)?|doodlenet)$/i.test(name)) {
      const expected = "MobileNet, or the address of a model";
      throw new OptionError({ where: "imageClassifier", found: `the model ${show(name)}`, expected });
    }
    if (name.toLowerCase() !== "mobilenet") {
      console.warn(`imageClassifier: no model has the name ${show(name)}; MobileNet is loaded instead`);
    }
    const version = valid<MobileNetVersion>("version", given.version, (value) => value === 1 || value === 2, 2);
    const alphas: readonly MobileNetAlpha[] = version === 1 ? [0.25, 0.5, 0.75, 1] : [0.5, 0.75, 1];
    const alpha = valid<MobileNetAlpha>("alpha", given.alpha, (value) => alphas.includes(value), 1);
    const model = await loadMobileNet({ version, alpha, options: given.options });
    this.#free = () => model.dispose();
    this.#classify = async (image, topk) => {
      const best = await model.classify(image, topk);
      return best.map(({ className, probability }) => ({ label: className, confidence: probability }));
    };
  }

  async #loadFrom(source: string, { options }: ImageClassifierOptions): Promise<void> {
    const address = modelAddress(source);
    const model = await loadModel(address, options);
    const labels = model.labels.length > 0 ? model.labels : await labelsOf(address, model);
    this.#free = () => model.dispose();
    this.#classify = async (image, topk) => {
      const values = await probabilitiesOf(model, await pixelsOf(image), (picture, { height, width }) => {
        const out = new Float32Array(height * width * 3);
        resizeBilinear(picture, { height, width }, "origin", out);
        return out;
      });
      const all = Array.from(values, (confidence, index) => ({ label: labels[index] || index, confidence }));
      return all.sort((a, b) => b.confidence - a.confidence).slice(0, topk);
    };
  }
}

/** Whether a model's name is an address. ml5 takes web addresses only; this also takes paths. */
const isAddress = (name: string) => /[/.]/.test(name);

/** The labels from ml5's own entry in the model file, or from a `metadata.json` beside it. */
async function labelsOf(address: string, model: Model): Promise<readonly string[]> {
  if (!address.endsWith(".json")) return [];
  const { ml5Specs } = (await readJson(address)) as { ml5Specs?: { mapStringToIndex?: unknown } };
  if (ml5Specs?.mapStringToIndex !== undefined) return checkLabels(ml5Specs.mapStringToIndex, model, address);
  const metadata = address.slice(0, address.lastIndexOf("/") + 1).concat("metadata.json");
  const beside = await readJson(metadata).catch(() => undefined);
  return beside?.labels === undefined ? [] : checkLabels(beside.labels, model, metadata);
}

/** The element of a p5 object: `canvas` of an image, else `elt`. */
function pictureOf(image: Ml5Source): CompatSource {
  if (typeof image !== "object" || image === null || isTensor(image)) return image as CompatSource;
  if ("elt" in image && typeof image.elt === "object") return image.elt;
  if ("canvas" in image && typeof image.canvas === "object") return image.canvas;
  return image as CompatSource;
}

function numberAndFunction<Result>(rest: Rest<Result>): [number | undefined, Callback<Result> | undefined] {
  const number = rest.find((value) => typeof value === "number");
  const callback = rest.find((value) => typeof value === "function");
  return [number as number | undefined, callback as Callback<Result> | undefined];
}

/** Logs an invalid value and returns the default, as ml5 does. */
function valid<T>(name: string, value: T | undefined, isValid: (value: T) => boolean, usual: T): T {
  if (value === undefined || isValid(value)) return value ?? usual;
  console.warn(`imageClassifier: ${name} ${show(value)} is not valid; ${show(usual)} is used`);
  return usual;
}

async function told<Result>(promise: Promise<Result>, callback: Callback<Result> | undefined): Promise<Result> {
  if (!callback) return promise;
  const result = await promise.catch((error: unknown) => {
    callback(undefined, error);
    throw error;
  });
  callback(result);
  return result;
}

const nextFrame = () =>
  new Promise<void>((resolve) => {
    if (typeof requestAnimationFrame === "function") requestAnimationFrame(() => resolve());
    else setTimeout(resolve);
  });

/** The supported part of `import ml5 from "ml5"`. */
export const ml5 = { imageClassifier } as const;
