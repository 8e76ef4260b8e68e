import { MobileNetsError, WeightsError } from "../errors.ts";
import { checkGraph } from "../graph/check.ts";
import type { Graph, Program } from "../graph/graph.ts";
import { checkPreprocessing, type Preprocessing } from "../image/preprocessing.ts";
import { isNetworkName, type NetworkName } from "../models/networks.ts";
import type { ModelOptions } from "../models/options.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";
import type { WeightFile } from "./weight-file.ts";

/** What is saved of a model; `Model` is one. */
export interface WritableModel {
  readonly program: Program;
  readonly preprocessing: Preprocessing;
  readonly labels: readonly string[];
  /** Which of our networks it is, with its options; undefined for a graph that came from a file. */
  readonly network?: NetworkName;
  readonly options?: ModelOptions;
}

/**
 * Our native format: safetensors with tensors named `<layer>/<weight>`, and in its metadata, as JSON texts, network and
 * options (or the whole graph), preprocessing and labels.
 */
export function writeModelFile({ program, network, options, preprocessing, labels }: WritableModel): Uint8Array {
  return writeSafetensors(program.weights, {
    ...(network ? { network, options: JSON.stringify(options ?? {}) } : { graph: JSON.stringify(program.graph) }),
    preprocessing: JSON.stringify(preprocessing),
    ...(labels.length > 0 && { labels: JSON.stringify(labels) }),
  });
}

/**
 * Reads any safetensors file; what its metadata lacks is left out of the result.
 * @throws WeightsError if the file is broken or its metadata are not what `writeModelFile` writes
 */
export function readModelFile(bytes: Uint8Array, where: string): WeightFile {
  const { tensors, metadata } = readSafetensors(bytes, where);
  const { network } = metadata;
  if (network !== undefined && !isNetworkName(network)) {
    throw new WeightsError({ where, found: `metadata of an unknown network "${network}"` });
  }
  const preprocessing = parse(metadata.preprocessing, "preprocessing", where);
  if (preprocessing !== undefined) checkPreprocessing(preprocessing, `${where}: preprocessing`);
  return {
    tensors,
    network,
    options: parse(metadata.options, "options", where) as ModelOptions | undefined,
    preprocessing,
    labels: parse(metadata.labels, "labels", where) as string[] | undefined,
    graph: metadata.graph === undefined ? undefined : readGraph(parse(metadata.graph, "graph", where), where),
  };
}

function parse(text: string | undefined, key: string, where: string): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WeightsError({ where, found: `metadata "${key}" that is no JSON` }, { cause });
  }
}

/** A graph from a stranger's file: its form first, then whether it holds together. */
function readGraph(value: unknown, where: string): Graph {
  try {
    return checkGraph(value as Graph);
  } catch (cause) {
    const reason = cause instanceof MobileNetsError ? cause.message : "it is no graph";
    throw new WeightsError({ where, found: `metadata "graph" that cannot be used (${reason})` }, { cause });
  }
}
