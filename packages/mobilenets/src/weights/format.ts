import type { NetworkName } from "../models/networks.ts";
import type { ModelOptions } from "../models/options.ts";
import type { WritableModel } from "./safetensors/model-file.ts";
import type { WeightFile } from "./weight-file.ts";

/** A file format of weights. Readers and writers are loaded at first use, with the libraries that they need. */
export interface Format {
  /** Name for `convert --to`: `safetensors`, `keras-h5`, ... */
  readonly name: string;
  /** Name in error messages and help, e.g. `Keras HDF5`. */
  readonly title: string;
  /** File extensions; we write the first. */
  readonly extensions: readonly string[];
  /**
   * Whether these are the first bytes of such a file. The path decides only if the content cannot. Left out for formats
   * that are only written, which another entry reads.
   */
  matches?(bytes: Uint8Array, path: string): boolean;
  readonly reader?: () => Promise<Reader>;
  readonly writer?: () => Promise<Writer>;
}

/** What the caller knows about a file: it decides if the file fits several networks. */
export interface Wanted {
  readonly network?: NetworkName;
  readonly options?: ModelOptions;
  /** PyTorch checkpoints with several state dicts: the key of the one to read. */
  readonly stateDict?: string;
  /** Files with several outputs: the name of the one to give, or its index from 0. */
  readonly output?: string | number;
}

/** Reads a file beside another. */
export type ReadCompanion = (path: string) => Promise<Uint8Array>;

/**
 * @param where the file's path or URL; companion files are relative to it
 * @param readCompanion reads a companion by its path relative to the file; rejects paths that lead out of its folder
 * @throws WeightsError for an invalid file; it names the file
 */
export type Reader = (
  bytes: Uint8Array,
  where: string,
  readCompanion: ReadCompanion,
  wanted?: Wanted,
) => WeightFile | Promise<WeightFile>;

/** @returns the file, and companions by path relative to it */
export type Writer = (model: WritableModel, options?: WriteOptions) => OutputFile | Promise<OutputFile>;

/** Options of a writer. */
export interface WriteOptions {
  /** ONNX: writes batch norms as separate layers, so that other tools can continue training. Default false: folded. */
  readonly keepBatchNorm?: boolean;
}

/** A writer's result. */
export interface OutputFile {
  readonly bytes: Uint8Array;
  readonly companions?: Readonly<Record<string, Uint8Array>>;
  /** A sentence on how to open it in other tools, if the file does not say. */
  readonly note?: string;
}
