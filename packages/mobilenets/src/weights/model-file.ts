import type { Program } from "../graph/graph.ts";
import type { Preprocessing } from "../image/preprocessing.ts";
import type { NetworkName } from "../models/networks.ts";
import type { ModelOptions } from "../models/options.ts";
import { readMetadata, writeMetadata } from "./metadata.ts";
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
 * Our native format: safetensors with tensors named `<layer>/<weight>`, and in its metadata network and options (or the
 * whole graph), preprocessing and labels.
 */
export function writeModelFile(model: WritableModel): Uint8Array {
  return writeSafetensors(model.program.weights, writeMetadata(model));
}

/**
 * Reads any safetensors file; what its metadata lacks is left out of the result.
 * @throws WeightsError if the file is broken or its metadata are not what `writeModelFile` writes
 */
export function readModelFile(bytes: Uint8Array, where: string): WeightFile {
  const { tensors, metadata } = readSafetensors(bytes, where);
  return { tensors, ...readMetadata(metadata, where) };
}
