import { MobileNetsError, WeightsError } from "../../errors.ts";
import type { Graph } from "../../graph/graph.ts";
import { dropout } from "../../graph/ops/dropout.ts";
import { globalAveragePooling2d } from "../../graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../../graph/ops/global_max_pooling2d.ts";
import { activationOf, is } from "../../graph/ops.ts";
import { type NetworkName, networkNames } from "../../models/networks.ts";
import { type Flavor, flavorsIn, type ModelOptions } from "../../models/options.ts";
import { gatherHardActivations } from "../../passes/gather-hard-activations.ts";
import type { Tensor } from "../../tensor.ts";
import type { Wanted } from "../format.ts";
import { identify } from "../match/identify.ts";
import type { LayerWeights } from "../match/layer-weights.ts";
import type { WeightFile } from "../weight-file.ts";
import { programOfKerasConfig } from "./config.ts";
import { type KerasProgram, parametersOf } from "./program.ts";
import { sameGraph } from "./same-graph.ts";
import { QUANTISED } from "./store.ts";

/** Flavours that a Keras file may have. */
export const kerasFlavors: readonly Flavor[] = flavorsIn("tensorflow");

/**
 * Builds a model from a config and the layers with weights. It is one of our networks if it computes the same, otherwise
 * the config's graph.
 *
 * @param layers in the order of the config
 * @throws WeightsError for a config with unsupported layers, or that the weights do not fit
 */
export function modelOfConfig(
  config: unknown,
  layers: readonly LayerWeights[],
  where: string,
  { output }: Wanted = {},
): WeightFile {
  const program = programOf(config, where, output);
  const graph = gatherHardActivations(program.graph);
  const ordered = inOrder(program, layers);
  const plain = Object.keys(program.constants).length === 0;
  const file = (plain && named(graph, ordered, where)) || { tensors: assign(program, ordered, where), graph };
  return program.notes ? { ...file, notes: program.notes } : file;
}

function programOf(config: unknown, where: string, output: Wanted["output"]): KerasProgram {
  try {
    return programOfKerasConfig(config, where, output);
  } catch (cause) {
    if (cause instanceof WeightsError || !MobileNetsError.is(cause)) throw cause;
    const { found, expected, hint } = cause;
    throw new WeightsError({ where: `${where}: ${cause.where}`, found, expected, hint }, { cause });
  }
}

/** Layers in the order of a network, with its name and options. */
export interface Candidate {
  readonly layers: readonly LayerWeights[];
  readonly flavors: readonly Flavor[];
  readonly networks?: readonly NetworkName[];
}

/**
 * Finds the network of layers without a config. The caller's options take precedence over our guesses. If they do not
 * fit, the error is the one for the network in the file, which explains more.
 */
export function modelOfLayers(candidates: readonly Candidate[], wanted: Wanted, where: string): WeightFile {
  const { network, options } = wanted;
  const asked = candidates
    .filter(({ networks }) => network && (!networks || networks.includes(network)))
    .map(({ layers, flavors }) => {
      const hints = { flavors: options?.flavor ? [options.flavor] : flavors, networks: network && [network], options };
      return { layers, ...hints };
    });
  let failure = new WeightsError({
    where,
    found: "numbers of layers of each class that no network of this package has",
    expected: `the layers of ${networkNames.join(", ")}, with or without the classifier`,
    hint: "does it have custom layers? A file of the whole model (.keras) describes them",
  });
  for (const { layers, ...hints } of [...asked, ...candidates]) {
    try {
      return identify(layers, hints, where);
    } catch (error) {
      if (!(error instanceof WeightsError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** Our network with the config's input shape and head, if its graph equals the config's. */
function named(graph: Graph, layers: readonly LayerWeights[], where: string): WeightFile | undefined {
  const [, height, width, channels] = graph.input.shape;
  const inputShape = [height, width, channels] as const;
  for (const includePreprocessing of [undefined, false]) {
    const options = { inputShape, ...headOf(graph), ...(includePreprocessing === false && { includePreprocessing }) };
    const misfit = (ours: Graph) => (sameGraph(ours, graph) ? undefined : { layer: 0, found: "another graph" });
    try {
      return identify(layers, { flavors: kerasFlavors, options, misfit }, where);
    } catch (error) {
      if (!(error instanceof WeightsError)) throw error;
    }
  }
  return undefined;
}

/** Options that affect only a graph's last layers. */
function headOf({ nodes }: Graph): ModelOptions {
  const last = nodes[nodes.length - 1];
  if (!last || last.shape.length === 4) return {};
  if (is(last, globalAveragePooling2d)) return { pooling: "avg" };
  if (is(last, globalMaxPooling2d)) return { pooling: "max" };
  const activations = nodes.flatMap((node) => activationOf(node) ?? []);
  const rates = nodes.flatMap((node) => (is(node, dropout) ? [node.attrs.rate] : []));
  return { classifierActivation: activations.at(-1), dropout: rates.at(-1) ?? 0 };
}

/** Deepest nesting of models. */
const MAX_NESTING = 8;

/**
 * Sorts layers by name: a file that stores trainable weights first lists the layers of a partly frozen nested model out
 * of order. Names may have those of the outer models as prefix.
 */
function inOrder(program: KerasProgram, layers: readonly LayerWeights[]): readonly LayerWeights[] {
  const byName = new Map<string, LayerWeights>();
  for (const layer of layers) {
    const parts = layer.name.split("/");
    for (let from = 0; from < Math.min(parts.length, MAX_NESTING); from++) {
      const name = parts.slice(from).join("/");
      if (!byName.has(name)) byName.set(name, layer);
    }
  }
  const found = program.layers.flatMap(({ layer }) => byName.get(layer) ?? []);
  return new Set(found).size === layers.length ? found : layers;
}

function assign(program: KerasProgram, layers: readonly LayerWeights[], where: string): Record<string, Tensor> {
  const { graph, layers: owners, constants } = program;
  if (owners.length !== layers.length) {
    const found = `weights of ${layers.length} layers`;
    throw new WeightsError({ where, found, expected: `${owners.length} as its config says` });
  }
  const tensors = owners.flatMap((owner, i) => {
    const refuse = (found: string, expected: string): never => {
      throw new WeightsError({ where: `${where}: ${layers[i].name}`, found, expected, hint: QUANTISED });
    };
    return parametersOf(owner, Object.values(layers[i].tensors), graph, refuse);
  });
  const needed = Object.entries(constants).filter(([name]) => name in graph.params);
  return Object.fromEntries([...tensors, ...needed]);
}
