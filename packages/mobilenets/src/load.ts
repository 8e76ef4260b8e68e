import { type EngineName, selectEngine } from "./engines/select.ts";
import { OptionError } from "./errors.ts";
import type { Program } from "./graph/graph.ts";
import type { Preprocessing } from "./image/preprocessing.ts";
import { Model } from "./model.ts";
import { initialise } from "./models/initialise.ts";
import {
  buildGraph,
  isNetworkName,
  type NetworkName,
  networkNames,
  optionsOf,
  preprocessingOf,
  signedPreprocessing,
} from "./models/networks.ts";
import type { ModelOptions } from "./models/options.ts";
import { matchWeights } from "./weights/match.ts";
import { readWeightFile } from "./weights/read.ts";
import type { WeightFile } from "./weights/weight-file.ts";

export interface LoadOptions extends ModelOptions {
  /**
   * Where the weights come from when the first argument names a network: a file's path or URL, its bytes
   * (safetensors), or `random` for a fresh network (training, benchmarks).
   */
  readonly weights?: string | Uint8Array;
  /** For `weights: "random"`. Default 0. */
  readonly seed?: number;
  /** Default `auto`: the fastest that runs here. */
  readonly engine?: EngineName;
  /** Overrides what the weights ask for: crop, mean, std. */
  readonly preprocessing?: Partial<Preprocessing>;
  /** Class names in output order; overrides those in the file. */
  readonly labels?: readonly string[];
}

/**
 * Loads a model: `load("model.safetensors")`, `load("tfjs/model.json")`, or a network by name with its options and
 * weights, `load("mobilenet_v2", { alpha: 0.5, weights: "v2.safetensors" })`.
 *
 * @throws OptionError for a name or option that does not exist
 * @throws WeightsError for a file that cannot be read or does not fit the network
 */
export async function load(source: string, options: LoadOptions = {}): Promise<Model> {
  const engine = await selectEngine(options.engine ?? "auto");
  const { program, preprocessing, labels } = isNetworkName(source)
    ? await fromNetwork(source, options)
    : fromFile(source, await readWeightFile(source), options);
  const classLabels = options.labels ?? labels ?? (await defaultLabels(program));
  return new Model(program, { ...preprocessing, ...options.preprocessing }, classLabels, engine);
}

interface Loaded {
  program: Program;
  preprocessing: Preprocessing;
  labels?: readonly string[];
}

async function fromNetwork(network: NetworkName, options: LoadOptions): Promise<Loaded> {
  const { weights } = options;
  if (weights === undefined) {
    throw new OptionError({
      where: network,
      found: "no weights",
      expected: 'weights: a file, its bytes, or "random"',
      hint: "a network without trained weights gives meaningless labels and features",
    });
  }
  if (weights === "random") {
    const graph = buildGraph(network, options);
    const program = { graph, weights: initialise(graph, options.seed) };
    return { program, preprocessing: preprocessingOf(optionsOf(network, options)) };
  }
  const file = await readWeightFile(weights);
  // What the file says of itself fills in what the caller left open.
  const merged = file.network === network ? { ...file.options, ...definedOf(options) } : options;
  const graph = buildGraph(network, merged);
  const preprocessing = { ...preprocessingOf(optionsOf(network, merged)), ...sizeless(file.preprocessing) };
  return {
    program: { graph, weights: matchWeights(graph, file.tensors, nameOf(weights)) },
    preprocessing,
    labels: file.labels,
  };
}

function fromFile(path: string, file: WeightFile, options: LoadOptions): Loaded {
  if (file.network) {
    const merged = { ...file.options, ...definedOf(options) };
    const graph = buildGraph(file.network, merged);
    const preprocessing = { ...preprocessingOf(optionsOf(file.network, merged)), ...sizeless(file.preprocessing) };
    return { program: { graph, weights: matchWeights(graph, file.tensors, path) }, preprocessing, labels: file.labels };
  }
  if (file.graph) {
    const [, height, width, channels] = file.graph.input.shape;
    const preprocessing = { ...signedPreprocessing(height, width, channels), ...sizeless(file.preprocessing) };
    const program = { graph: file.graph, weights: matchWeights(file.graph, file.tensors, path) };
    return { program, preprocessing, labels: file.labels };
  }
  throw new OptionError({
    where: path,
    found: "a file that does not say which network it belongs to",
    expected: `load(network, { weights: "${path}" }) with one of ${networkNames.join(", ")}`,
  });
}

/** A file's crop and statistics, but not its picture size: that is the graph's, which the caller may have changed. */
function sizeless(preprocessing: Partial<Preprocessing> = {}): Partial<Preprocessing> {
  const { crop, cropFraction, mean, std } = preprocessing;
  return definedOf({ crop, cropFraction, mean, std });
}

function definedOf<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function nameOf(weights: string | Uint8Array): string {
  return typeof weights === "string" ? weights : "weights";
}

/** ImageNet's names for 1,000 classes; loaded only then, as they are larger than the rest of the code. */
async function defaultLabels({ graph }: Program): Promise<readonly string[]> {
  const output = graph.nodes.find((node) => node.name === graph.outputs[0]);
  if (output?.shape.length !== 2 || output.shape[1] !== 1000) return [];
  const { imagenetLabels } = await import("./labels/imagenet.ts");
  return imagenetLabels().map(({ label }) => label);
}
