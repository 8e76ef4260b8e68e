import { yieldToHost } from "#worker";
import { checkOptions, kindOf } from "./check-options.ts";
import { embeddingGraph, isEmbedding } from "./embedding.ts";
import type { Engine, EngineDetails, Executable, RunOptions } from "./engines/engine.ts";
import { OptionError, WeightsError } from "./errors.ts";
import type { Node, Program } from "./graph/graph.ts";
import { type LayerSummary, layerSummaries } from "./graph/layer-summaries.ts";
import { globalAveragePooling2d } from "./graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "./graph/ops/global_max_pooling2d.ts";
import type { Ops } from "./graph/ops.ts";
import { subgraph } from "./graph/subgraph.ts";
import { fittingOf } from "./image/fitting.ts";
import { preprocess } from "./image/preprocess.ts";
import type { Preprocessing } from "./image/preprocessing.ts";
import { type ImageSource, toPicture } from "./image/source.ts";
import type { NetworkName } from "./models/networks.ts";
import type { ModelOptions } from "./models/options.ts";
import { formatShape, type Shape, sizeOf, type Tensor, tensor } from "./tensor.ts";
import { topK } from "./top-k.ts";
import type { WritableModel } from "./weights/safetensors/model-file.ts";

/** One class of a picture's classification. */
export interface Prediction {
  /** Position in the classifier's output. */
  readonly index: number;
  /** The class's name, or `class <index>` where the model has no labels. */
  readonly label: string;
  /** The classifier's output: 0 to 1 after softmax or sigmoid, a probability's logarithm after log_softmax, else a logit. */
  readonly probability: number;
}

/** Options of `classify`. */
export interface ClassifyOptions extends RunOptions {
  /** How many classes to return, best first; at most all. Default 5. */
  readonly topK?: number;
}

const runOptionNames = ["signal"] satisfies (keyof RunOptions)[];

/** Largest input that a model keeps for reuse: eight pictures of 224 x 224. */
const MOST_SPARE_BYTES = 8 * 224 * 224 * 3 * 4;

/** Pictures decoded and held in memory at a time, however many a call has. */
const CHUNK = 32;

/**
 * A network with weights, ready to run. `classify`, `embed` and `features` take one picture or a batch, in any form that
 * `ImageSource` allows, and crop, resize and normalise it as the weights require.
 */
export class Model implements WritableModel {
  readonly program: Program;
  readonly preprocessing: Preprocessing;
  /** Class names in output order; empty where none are known. */
  readonly labels: readonly string[];
  /** Which of our networks it is; undefined for a graph that came from a file. */
  readonly network?: NetworkName;
  readonly options?: ModelOptions;
  /** Ops of the graph beyond those of our networks; a file's graph may have some. */
  readonly ops: Ops;
  /** Name of the engine. */
  readonly engine: string;
  readonly #engine: Engine;
  readonly #notes: readonly string[];
  /** Called once. */
  readonly #laterNotes: () => readonly string[];
  #told: readonly string[] | undefined;
  readonly #executables = new Map<string, Promise<Executable>>();
  /** The last call's input, kept for the next call of that size: it saves allocating and clearing megabytes. */
  #spare: Tensor | undefined;
  #disposed = false;

  constructor(
    {
      program,
      preprocessing,
      labels,
      network,
      options,
      notes = [],
      laterNotes = () => [],
      ops = {},
    }: WritableModel & Partial<Pick<Model, "notes" | "ops">> & { readonly laterNotes?: () => readonly string[] },
    engine: Engine,
  ) {
    this.program = program;
    this.preprocessing = preprocessing;
    this.labels = labels;
    this.network = network;
    this.options = options;
    this.#notes = notes;
    this.#laterNotes = laterNotes;
    this.ops = ops;
    this.engine = engine.name;
    this.#engine = engine;
  }

  /**
   * A sentence for each thing that the file leaves open and `load` assumed, and one for NaN or infinite weights. The first
   * call reads all weights, unless a picture came before.
   */
  get notes(): readonly string[] {
    this.#told ??= this.#laterNotes();
    return [...this.#notes, ...this.#told];
  }

  /** What is known about the engine so far. */
  get engineDetails(): EngineDetails {
    return this.#engine.details ?? {};
  }

  /** Name of the network, e.g. `mobilenet_v2`. */
  get name(): string {
    return this.program.graph.name;
  }

  /** All layers in order, with output shapes (batch 1), parameters and multiply-adds. */
  get layers(): readonly LayerSummary[] {
    return layerSummaries(this.program.graph, this.ops);
  }

  /** `[height, width, channels]` */
  get inputShape(): Shape {
    return this.program.graph.input.shape.slice(1);
  }

  /**
   * Returns the best classes of a picture, or of each picture of a batch.
   * @throws OptionError if the model ends in features rather than classes
   * @throws WeightsError if the result is NaN; it names the weight that is
   * @throws ImageError for a picture that cannot be decoded; it names the picture
   */
  classify(image: ImageSource, options?: ClassifyOptions): Promise<Prediction[]>;
  classify(images: readonly ImageSource[], options?: ClassifyOptions): Promise<Prediction[][]>;
  async classify(images: ImageSource | readonly ImageSource[], options: ClassifyOptions = {}) {
    checkOptions("classify", options, ["topK", ...runOptionNames]);
    const [output] = this.program.graph.outputs;
    const { shape, op, attrs } = this.#node(output);
    const pools = [globalAveragePooling2d.name, globalMaxPooling2d.name];
    if (shape.length !== 2 || pools.includes(op) || isEmbedding(this.#node(output))) {
      throw new OptionError({
        where: this.name,
        found: `classify() on a model that ends in features of shape ${formatShape(shape)}`,
        expected: "a classifier",
        hint: "load it with includeTop: true, or call embed()",
      });
    }
    const k = options.topK ?? 5;
    if (!Number.isInteger(k) || k < 1) {
      throw new OptionError({ where: "topK", found: String(k), expected: "an integer >= 1" });
    }
    // A single sigmoid is the probability of the second of two classes, unless the model has one label.
    const isSecond =
      shape[1] === 1 && this.labels.length !== 1 && (attrs as { activation?: string }).activation === "sigmoid";
    const rows = (await this.#perImage(asArray(images), [output], options)).map(([row]) =>
      topK(this.#numbers(isSecond ? Float32Array.of(1 - row.data[0], row.data[0]) : row.data), k).map(
        ({ index, value }) => ({
          index,
          label: this.labelOf(index),
          probability: value,
        }),
      ),
    );
    return isBatch(images) ? rows : rows[0];
  }

  /**
   * Returns features: the globally pooled last map (1,024 numbers for V1 at alpha 1, 1,280 for V2, 576 for V3-small, 960
   * for V3-large), one vector per picture. A file's model that ends in normalised vectors gives those.
   */
  embed(image: ImageSource, options?: RunOptions): Promise<Float32Array>;
  embed(images: readonly ImageSource[], options?: RunOptions): Promise<Float32Array[]>;
  async embed(images: ImageSource | readonly ImageSource[], options: RunOptions = {}) {
    checkOptions("embed", options, runOptionNames);
    const vectors = (await this.#perImage(asArray(images), "embedding", options)).map(([vector]) =>
      this.#numbers(vector.data),
    );
    return isBatch(images) ? vectors : vectors[0];
  }

  /**
   * Returns the results of inner layers, all from one run that stops after the last of them.
   * @param layers names as `model.layers` lists them
   * @returns one tensor per layer, `[n, ...]` for n pictures
   * @throws OptionError for an unknown layer name
   */
  async features<Name extends string>(
    images: ImageSource | readonly ImageSource[],
    layers: readonly Name[],
    options: RunOptions = {},
  ): Promise<Record<Name, Tensor>> {
    checkOptions("features", options, runOptionNames);
    if (!Array.isArray(layers) || layers.length === 0) {
      const found = Array.isArray(layers) ? "no layer names" : `layers ${kindOf(layers)}`;
      throw new OptionError({ where: "features", found, expected: "a list of at least one layer's name" });
    }
    const rows = await this.#perImage(asArray(images), layers, options);
    const stacked = layers.map((name, i) => [
      name,
      stack(
        rows.map((row) => row[i]),
        this.#node(name).shape.slice(1),
      ),
    ]);
    return Object.fromEntries(stacked) as Record<Name, Tensor>;
  }

  /**
   * Runs the network on numbers that are already normalised.
   * @param input NHWC float32, `[n, ...inputShape]`
   * @returns `[n, classes]`, or features `[n, ...]` without a classifier
   * @throws OptionError for an input of another shape
   */
  async predict(input: Tensor, options: RunOptions = {}): Promise<Tensor> {
    checkOptions("predict", options, runOptionNames);
    const executable = await this.#executable(this.program.graph.outputs);
    const [output] = await executable.run(input, options);
    return output;
  }

  /** A class's name, or `class <index>` where the model has no labels. */
  labelOf(index: number): string {
    return this.labels[index] ?? `class ${index}`;
  }

  /** Frees the engine's memory and threads. Later calls reject. */
  dispose(): void {
    this.#disposed = true;
    for (const executable of this.#executables.values()) {
      executable.then(
        (e) => e.dispose(),
        () => {},
      );
    }
    this.#executables.clear();
    this.#spare = undefined;
  }

  /** @throws WeightsError for a result that is NaN, which would rank no class and no neighbour */
  #numbers(answer: Float32Array): Float32Array {
    if (!answer.some(Number.isNaN)) return answer;
    const { weights } = this.program;
    const broken = Object.keys(weights).find((name) => !weights[name].data.every(Number.isFinite));
    throw new WeightsError({
      where: this.name,
      found: broken === undefined ? "an answer that is NaN" : `an answer that is NaN: ${broken} holds NaN or infinity`,
      hint: "is the file of a training that diverged, or of values too large for float16?",
    });
  }

  #node(name: string): Node {
    return this.program.graph.nodes.find((node) => node.name === name) as Node;
  }

  /** Runs pictures in chunks and returns, per picture, its outputs with batch size 1. */
  async #perImage(
    images: readonly ImageSource[],
    outputs: readonly string[] | "embedding",
    options: RunOptions,
  ): Promise<Tensor[][]> {
    const executable = await this.#executable(outputs);
    const fitting = await fittingOf(this.preprocessing);
    const rows: Tensor[][] = [];
    for (let start = 0; start < images.length; start += CHUNK) {
      options.signal?.throwIfAborted();
      const pictures = await Promise.all(images.slice(start, start + CHUNK).map((image) => toPicture(image)));
      const input = this.#takeInput(pictures.length);
      const item = sizeOf(this.inputShape);
      pictures.forEach((picture, i) => {
        preprocess(picture, this.preprocessing, input.data, i * item, fitting);
      });
      const results = await executable.run(input, options);
      if (input.data.byteLength <= MOST_SPARE_BYTES) this.#spare = input;
      pictures.forEach((_, i) => {
        rows.push(results.map((result) => slice(result, i)));
      });
    }
    return rows;
  }

  /** Takes the spare input, so that overlapping calls do not share it. It still has its old numbers. */
  #takeInput(count: number): Tensor {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare?.shape[0] === count ? spare : tensor([count, ...this.inputShape]);
  }

  /** Compiles once for each set of outputs. */
  #executable(outputs: readonly string[] | "embedding"): Promise<Executable> {
    if (this.#disposed) {
      throw new OptionError({ where: this.name, found: "a call after dispose()", hint: "load the model again" });
    }
    const key = JSON.stringify(outputs);
    let executable = this.#executables.get(key);
    if (!executable) {
      const { graph, weights } = this.program;
      const part = outputs === "embedding" ? embeddingGraph(graph) : subgraph(graph, outputs);
      executable = this.#engine.compile({ graph: part, weights });
      this.#executables.set(key, executable);
      // A failure, such as no memory, may be temporary.
      executable.catch(() => this.#executables.delete(key));
      // The notes take milliseconds: the first picture comes before.
      if (!this.#told) {
        executable.then(yieldToHost).then(
          () => this.notes,
          () => {},
        );
      }
    }
    return executable;
  }
}

function isBatch(images: ImageSource | readonly ImageSource[]): images is readonly ImageSource[] {
  return Array.isArray(images);
}

function asArray(images: ImageSource | readonly ImageSource[]): readonly ImageSource[] {
  return isBatch(images) ? images : [images];
}

/** Copies item `i` of a batch into a batch of one. */
function slice(batch: Tensor, i: number): Tensor {
  const size = sizeOf(batch.shape.slice(1));
  return { data: batch.data.slice(i * size, (i + 1) * size), shape: [1, ...batch.shape.slice(1)] };
}

/** @param item shape of each item, without the batch dimension */
function stack(items: readonly Tensor[], item: Shape): Tensor {
  const all = tensor([items.length, ...item]);
  items.forEach(({ data }, i) => {
    all.data.set(data, i * data.length);
  });
  return all;
}
