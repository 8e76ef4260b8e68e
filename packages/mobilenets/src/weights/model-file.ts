import { WeightsError } from "../errors.ts";
import { checkPreprocessing, type Preprocessing } from "../image/preprocessing.ts";
import { isNetworkName, type NetworkName } from "../models/networks.ts";
import type { ModelOptions } from "../models/options.ts";
import type { Tensor } from "../tensor.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";
import type { WeightFile } from "./weight-file.ts";

/** A network of ours with all that is needed to use it again. */
export interface ModelFile extends WeightFile {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly network: NetworkName;
  readonly options: ModelOptions;
  readonly preprocessing: Preprocessing;
}

/**
 * Our native format: safetensors with tensors named `<layer>/<weight>` and network, options, preprocessing and labels
 * as JSON texts in its metadata.
 */
export function writeModelFile({ tensors, network, options, preprocessing, labels }: ModelFile): Uint8Array {
  return writeSafetensors(tensors, {
    network,
    options: JSON.stringify(options),
    preprocessing: JSON.stringify(preprocessing),
    ...(labels && { labels: JSON.stringify(labels) }),
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
