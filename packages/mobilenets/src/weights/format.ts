import type { NetworkName } from "../models/networks.ts";
import type { ModelOptions } from "../models/options.ts";
import type { WritableModel } from "./safetensors/model-file.ts";
import type { WeightFile } from "./weight-file.ts";

/** A file format of weights. Readers and writers are loaded when first used, with the libraries they need. */
export interface Format {
  /** As in `convert --to`: `safetensors`, `keras-h5`, ... */
  readonly name: string;
  /** What errors and help call it: `Keras HDF5`. */
  readonly title: string;
  /** Names a file of this format may end in; the first is the one we write. */
  readonly extensions: readonly string[];
  /**
   * Whether these are the first bytes of such a file. The name decides only where the content cannot. Left out of what is
   * only written: another entry reads it.
   */
  matches?(bytes: Uint8Array, path: string): boolean;
  readonly reader?: () => Promise<Reader>;
  readonly writer?: () => Promise<Writer>;
}

/** What a caller says of a file, as far as known: where a file fits several networks, a reader takes this one. */
export interface Wanted {
  readonly network?: NetworkName;
  readonly options?: ModelOptions;
  /** PyTorch checkpoints with several: the key of the state dict to take. */
  readonly stateDict?: string;
  /** Of a file with several results: the name of the one to give, or its place from 0. */
  readonly output?: string | number;
}

/** Reads a file beside another. */
export type ReadCompanion = (path: string) => Promise<Uint8Array>;

/**
 * @param where the file's path or URL; companion files are relative to it
 * @param readCompanion reads a companion by its path relative to the file; rejects for one that leads elsewhere
 * @throws WeightsError naming the file
 */
export type Reader = (
  bytes: Uint8Array,
  where: string,
  readCompanion: ReadCompanion,
  wanted?: Wanted,
) => WeightFile | Promise<WeightFile>;

/** @returns the file, and companions by path relative to it */
export type Writer = (model: WritableModel, options?: WriteOptions) => OutputFile | Promise<OutputFile>;

/** Choices that a writer leaves to the caller. */
export interface WriteOptions {
  /** ONNX: write batch norms as layers of their own, so that training can go on elsewhere. Default false: folded. */
  readonly keepBatchNorm?: boolean;
}

/** A file as a writer makes it. */
export interface OutputFile {
  readonly bytes: Uint8Array;
  readonly companions?: Readonly<Record<string, Uint8Array>>;
  /** A sentence on how to open it elsewhere, where the file alone does not say it. */
  readonly note?: string;
}
