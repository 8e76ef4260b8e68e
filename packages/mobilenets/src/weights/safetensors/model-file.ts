import type { Program } from "../../graph/graph.ts";
import type { Preprocessing } from "../../image/preprocessing.ts";
import type { NetworkName } from "../../models/networks.ts";
import type { ModelOptions } from "../../models/options.ts";
import type { Reader } from "../format.ts";
import { readMetadata, writeMetadata } from "../metadata.ts";
import { hasTorchNames } from "../pytorch/detect.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

/** The parts of a model that are saved; a `Model` has them. */
export interface WritableModel {
  readonly program: Program;
  readonly preprocessing: Preprocessing;
  readonly labels: readonly string[];
  /** Which of our networks it is; undefined for a graph that came from a file. */
  readonly network?: NetworkName;
  readonly options?: ModelOptions;
}

/**
 * Writes our native format: safetensors with tensors named `<layer>/<weight>`; the metadata have network and options (or
 * the whole graph), preprocessing and labels.
 */
export function writeModelFile(model: WritableModel): Uint8Array {
  return writeSafetensors(model.program.weights, writeMetadata(model));
}

/**
 * Reads any safetensors file: our own, or a state dict with PyTorch's names. The result lacks what the metadata lack.
 * @throws WeightsError if the file is damaged, or its metadata are not those of `writeModelFile`
 */
export const readModelFile: Reader = async (bytes, where, readCompanion, wanted) => {
  const { tensors, metadata: texts } = readSafetensors(bytes, where);
  const metadata = await readMetadata(texts, where);
  // The option `stateDict` is only for PyTorch's names.
  if (!wanted?.stateDict && !hasTorchNames(Object.keys(tensors))) return { tensors, ...metadata };
  const { readTorchSafetensors } = await import("../pytorch/safetensors.ts");
  return readTorchSafetensors(tensors, metadata, where, readCompanion, wanted);
};
