import { fetchPublished } from "#store";
import { checkOptions, kindOf } from "./check-options.ts";
import { type EngineName, type SelectOptions, selectEngine } from "./engines/select.ts";
import { OptionError } from "./errors.ts";
import type { Graph, Program, Weights } from "./graph/graph.ts";
import { furtherOps } from "./graph/ops.ts";
import type { Preprocessing } from "./image/preprocessing.ts";
import { Model } from "./model.ts";
import { initialise } from "./models/initialise.ts";
import { buildGraph, isNetworkName, type NetworkName, networkNames, optionsOf } from "./models/networks.ts";
import { type ModelOptions, modelOptionNames } from "./models/options.ts";
import { preprocessingOf, preprocessingOfGraph } from "./models/preprocessing.ts";
import type { FetchOptions } from "./platform/store.ts";
import { tensor } from "./tensor.ts";
import { fittingWeights } from "./weights/match/fitting-weights.ts";
import type { matchWeights } from "./weights/match/match.ts";
import { nonFiniteNote } from "./weights/match/non-finite.ts";
import { imagenetWeights, maybePublished, PACKAGED } from "./weights/published/imagenet.ts";
import type { Published } from "./weights/published/published.ts";
import { type Companions, readWeightFile } from "./weights/read.ts";
import type { WritableModel } from "./weights/safetensors/model-file.ts";
import type { WeightFile } from "./weights/weight-file.ts";

/** Where a weight file is: a path or URL, or its bytes. */
export type WeightSource = string | URL | Uint8Array | ArrayBuffer | Blob;

/** Options of `load`: they shape the network, and say where its weights come from and how it runs. */
export interface LoadOptions extends ModelOptions {
  /**
   * The weights of a network that the first argument names: a file, the name of published weights (`imagenet` for those
   * of this network, width and size), or `random` for a fresh network. Default `imagenet`.
   */
  readonly weights?: WeightSource;
  /**
   * PyTorch checkpoints: the key of the state dict to read, e.g. `state_dict_ema`. Default: the plain weights, under the
   * usual keys (`state_dict`, `model`, ...); averaged ones only if there are no others.
   */
  readonly stateDict?: string;
  /**
   * Files with several outputs (ONNX, Keras, TFLite, TensorFlow.js): the name of the output that the model gives, or its
   * index from 0. Default: the first, with a warning.
   */
  readonly output?: string | number;
  /** Limits on reading; for published weights also: cached ones only, download progress, an abort signal. */
  readonly fetch?: FetchOptions;
  /**
   * For a file given as bytes or a Blob: the files beside it, by the paths that it names: the shards of a TensorFlow.js
   * model, the external data of an ONNX model.
   */
  readonly companions?: Companions;
  /** Seed of `weights: "random"`. Default 0. */
  readonly seed?: number;
  /** Default `auto`: the fastest that runs here; `model.engine` says which that is. */
  readonly engine?: EngineName;
  /** How many threads the engine may use; see the engine for what `auto` means. Default `auto`. */
  readonly threads?: SelectOptions["threads"];
  /** For the engine `onnxruntime`: its execution providers, best first. Default: the CPU. */
  readonly providers?: SelectOptions["providers"];
  /** For hosts that compile no WebAssembly at run time (Cloudflare Workers): the kernels as a compiled module. */
  readonly kernels?: SelectOptions["kernels"];
  /**
   * For the engine `wasm`: whether its kernels suit hosts that fuse two operations of 128 bits into one of 256. Default
   * `auto`: measured while the first pictures run. It changes no result. The environment variable `MOBILENETS_SIMD_BITS`
   * overrides it.
   */
  readonly simdBits?: SelectOptions["simdBits"];
  /** Runs an empty picture before `load` returns, so that the first real one does not pay for compilation. */
  readonly warmUp?: boolean;
  /** Overrides the preprocessing of the weights: crop, mean, std. */
  readonly preprocessing?: Partial<Preprocessing>;
  /** Class names in output order; overrides those in the file. */
  readonly labels?: readonly string[];
  /**
   * Receives a sentence for each thing that a file leaves open and `load` assumed, with how to choose otherwise
   * (`model.notes` has them too), and one if `auto` falls back to a slower engine. After the first picture, or when
   * `model.notes` are read, it receives one for NaN or infinite weights. Default `console.warn`.
   */
  readonly warn?: (note: string) => void;
}

const loadOptionNames = [
  "weights",
  "stateDict",
  "output",
  "fetch",
  "companions",
  "seed",
  "engine",
  "threads",
  "providers",
  "kernels",
  "simdBits",
  "warmUp",
  "preprocessing",
  "labels",
  "warn",
] satisfies (keyof LoadOptions)[];

/**
 * Loads a model from a file, `load("model.safetensors")` or `load("tfjs/model.json")`; from a file's bytes; or by a
 * network's name with options and weights, `load("mobilenet_v2", { alpha: 0.5, weights: "v2.safetensors" })`.
 *
 * `load()` loads EfficientNet-Lite0 with the ImageNet weights of the package `@mobilenets/weights-imagenet`. Node finds
 * the package by its name; a page imports it and passes the address: `load(weights)`. A network's name without weights
 * means its ImageNet weights: the package's, or those that its authors published, fetched once and cached.
 *
 * @throws OptionError for a name or option that does not exist
 * @throws WeightsError for a file that cannot be read or does not fit the network, or a package that is not installed
 * @throws ReadError for a file that is missing or cannot be fetched
 */
export async function load(source: WeightSource = PACKAGED.network, options: LoadOptions = {}): Promise<Model> {
  checkOptions("load", options, [...loadOptionNames, ...modelOptionNames]);
  const { threads, providers, kernels, simdBits } = options;
  const engine = selectEngine(options.engine ?? "auto", { threads, providers, kernels, simdBits }, options.warn);
  // Starts the import of the labels while the weights are read, if they will probably be needed.
  if (isNetworkName(source) && !options.labels && options.classes === undefined) imagenet().catch(() => {});
  const loaded = isNetworkName(source) ? await fromNetwork(source, options) : await fromFile(source, options);
  const labels = options.labels ?? loaded.labels ?? (await defaultLabels(loaded.program));
  const preprocessing = { ...loaded.preprocessing, ...options.preprocessing };
  const ops = await furtherOps(loaded.program.graph);
  const told = (notes: readonly string[] = []) => {
    for (const note of notes) (options.warn ?? console.warn)(note);
    return notes;
  };
  const model = new Model(
    { ...loaded, preprocessing, labels, ops, laterNotes: () => told(loaded.laterNotes?.()) },
    engine,
  );
  told(loaded.notes);
  if (options.warmUp) await model.predict(tensor(loaded.program.graph.input.shape));
  return model;
}

type Loaded = Omit<WritableModel, "labels"> & Pick<WeightFile, "labels"> & Notes;
type Notes = Pick<ConstructorParameters<typeof Model>[0], "notes" | "laterNotes">;

async function fromNetwork(network: NetworkName, options: LoadOptions): Promise<Loaded> {
  const { weights = "imagenet" } = options;
  const model = modelOptionsOf(options);
  if (weights === "random") {
    const graph = buildGraph(network, model);
    const program = { graph, weights: initialise(graph, options.seed) };
    return { program, preprocessing: preprocessingOf(optionsOf(network, model), network), network, options: model };
  }
  const source = weights === "imagenet" ? await imagenetWeights(network, model) : weights;
  const file = await readSource(source, options, network);
  const title = titleOf(weights);
  return file.shaped && file.graph ? asDefined(title, file.graph, file, options) : build(network, file, options, title);
}

async function fromFile(source: WeightSource, options: LoadOptions): Promise<Loaded> {
  const file = await readSource(source, options);
  const title = titleOf(source);
  if (file.network) return build(file.network, file, options, title);
  if (file.graph) return asDefined(title, file.graph, file, options);
  throw new OptionError({
    where: title,
    found: "a file that does not say which network it belongs to",
    expected: `load(network, { weights: "${title}" }) with one of ${networkNames.join(", ")}`,
  });
}

/** A source's name in error messages. */
function titleOf(source: WeightSource): string {
  if (typeof source === "string") return source;
  if (source instanceof URL) return source.href;
  return typeof File !== "undefined" && source instanceof File ? source.name : "weights";
}

/** Reads a file by path, URL, bytes or published name; published weights come with facts that their format cannot hold. */
async function readSource(
  source: WeightSource | Published,
  options: LoadOptions,
  network?: NetworkName,
): Promise<WeightFile> {
  const wanted = { network, options: modelOptionsOf(options), stateDict: options.stateDict, output: options.output };
  if (isPublished(source)) return readPublished(source, options);
  if (typeof source === "string" && maybePublished(source)) {
    const { publishedByName } = await import("./weights/published/published.ts");
    const published = publishedByName(source);
    if (published) return readPublished(published, options);
  }
  if (typeof source === "string") return readWeightFile(source, source, wanted, options.fetch);
  if (source instanceof URL) return readWeightFile(source.href, source.href, wanted, options.fetch);
  return readWeightFile(await bytesOf(source), titleOf(source), wanted, undefined, options.companions);
}

function isPublished(source: WeightSource | Published): source is Published {
  return typeof source === "object" && source !== null && "sources" in source;
}

async function readPublished(published: Published, options: LoadOptions): Promise<WeightFile> {
  let file: WeightFile | undefined;
  await fetchPublished(published, options.fetch, async (bytes, url) => {
    file = await readWeightFile(bytes, url, published);
  });
  return {
    ...(file as unknown as WeightFile),
    network: published.network,
    options: published.options,
    preprocessing: { ...file?.preprocessing, ...published.preprocessing },
    notes: undefined,
    known: true,
  };
}

/** @throws OptionError for a value that is no file content */
async function bytesOf(source: Uint8Array | ArrayBuffer | Blob): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (typeof Blob !== "undefined" && (source as unknown) instanceof Blob)
    return new Uint8Array(await source.arrayBuffer());
  throw new OptionError({
    where: "load",
    found: kindOf(source),
    expected: "a network's name, or a weight file: its path, its URL, or its bytes",
  });
}

/** Builds one of our networks with a file's weights. Options that the caller leaves out come from the file. */
async function build(network: NetworkName, file: WeightFile, options: LoadOptions, where: string): Promise<Loaded> {
  const merged = file.network === network ? { ...file.options, ...modelOptionsOf(options) } : modelOptionsOf(options);
  const graph = buildGraph(network, merged);
  const withAlpha = (alpha: number) => buildGraph(network, { ...merged, alpha });
  const weights = await weightsFor(graph, withoutHead(network, graph, merged, file), where, withAlpha);
  return {
    program: { graph, weights },
    preprocessing: { ...preprocessingOf(optionsOf(network, merged), network), ...sizeless(file.preprocessing) },
    labels: file.labels,
    ...notesOn(where, file, weights),
    network,
    options: merged,
  };
}

/** A file's tensors, without the classifier's if the caller wants none. */
function withoutHead(network: NetworkName, { params }: Graph, options: ModelOptions, file: WeightFile) {
  if (options.includeTop !== false || file.options?.includeTop === false) return file.tensors;
  const whole = buildGraph(network, { ...options, includeTop: true, pooling: null }).params;
  const kept = Object.entries(file.tensors).filter(([name]) => name in params || !(name in whole));
  return Object.fromEntries(kept);
}

/** The same as `matchWeights`, which is loaded only to report what does not fit. */
async function weightsFor(...args: Parameters<typeof matchWeights>): Promise<Weights> {
  const [graph, tensors] = args;
  return fittingWeights(graph, tensors) ?? (await import("./weights/match/match.ts")).matchWeights(...args);
}

/** Builds a network as the file itself defines it, layer by layer. */
async function asDefined(path: string, graph: Graph, file: WeightFile, options: LoadOptions): Promise<Loaded> {
  const given = Object.keys(modelOptionsOf(options));
  if (given.length > 0 && !file.shaped) {
    throw new OptionError({
      where: path,
      found: `option ${given.join(", ")}`,
      expected: "none: this file defines its whole network",
      hint: "leave it out, or name the network the weights are for",
    });
  }
  const weights = await weightsFor(graph, file.tensors, path);
  return {
    program: { graph, weights },
    preprocessing: { ...preprocessingOfGraph(graph), ...sizeless(file.preprocessing) },
    labels: file.labels,
    ...notesOn(path, file, weights),
  };
}

/**
 * Notes on what the file leaves open and, for later, on NaN or infinite weights. That check reads all weights, which takes
 * milliseconds, so it comes after the first picture. Published weights are known to be finite.
 */
function notesOn(where: string, { notes = [], known }: WeightFile, weights: Weights): Notes {
  const named = (note: string) => `${where}: ${note}`;
  const laterNotes = () => [nonFiniteNote(weights) ?? []].flat().map(named);
  return { notes: notes.map(named), ...(!known && { laterNotes }) };
}

/** A file's preprocessing without its picture size, which is the graph's: the caller may have changed it. */
function sizeless(preprocessing: Partial<Preprocessing> = {}): Partial<Preprocessing> {
  const { crop, cropFraction, resize, mean, std } = preprocessing;
  return definedOf({ crop, cropFraction, resize, mean, std });
}

function definedOf<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** The caller's options that shape the network; those left undefined are dropped. */
function modelOptionsOf(options: LoadOptions): ModelOptions {
  const shaping = Object.entries(options).filter(([name]) => modelOptionNames.includes(name));
  return definedOf(Object.fromEntries(shaping));
}

const imagenet = () => import("./labels/imagenet.ts");

/**
 * ImageNet's labels for 1,000 classes, and for Google's 1,001, the first of which is the background. They are loaded only
 * if needed.
 */
async function defaultLabels({ graph }: Program): Promise<readonly string[]> {
  const { shape } = graph.nodes.find((node) => node.name === graph.outputs[0]) ?? { shape: [] };
  if (shape.length !== 2 || !(shape[1] === 1000 || shape[1] === 1001)) return [];
  const { imagenetWords } = await imagenet();
  const labels = imagenetWords();
  return shape[1] === 1001 ? ["background", ...labels] : labels;
}
