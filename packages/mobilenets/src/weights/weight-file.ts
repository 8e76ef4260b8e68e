import type { Graph } from "../graph/graph.ts";
import type { Preprocessing } from "../image/preprocessing.ts";
import type { NetworkName } from "../models/networks.ts";
import type { ModelOptions } from "../models/options.ts";
import type { Tensor, TensorData } from "../tensor.ts";

/** What a reader gets out of a file: tensors by `<layer>/<weight>`, and as much of the rest as the format records. */
export interface WeightFile {
  readonly tensors: Readonly<Record<string, Tensor<TensorData>>>;
  /** The network as the file itself defines it, where the format carries one (TensorFlow.js, full Keras files). */
  readonly graph?: Graph;
  /** The network as our own files name it. */
  readonly network?: NetworkName;
  readonly options?: ModelOptions;
  readonly preprocessing?: Partial<Preprocessing>;
  /** Class names in output order. */
  readonly labels?: readonly string[];
}
