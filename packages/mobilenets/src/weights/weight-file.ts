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
  /** The graph is a network of ours with a head of the file's own, made with the caller's options. */
  readonly shaped?: true;
  /** The network as our own files name it. */
  readonly network?: NetworkName;
  readonly options?: ModelOptions;
  readonly preprocessing?: Partial<Preprocessing>;
  /** Class names in output order. */
  readonly labels?: readonly string[];
  /** What the file does not say and the reader assumed, a sentence each with how to say otherwise. */
  readonly notes?: readonly string[];
  /** Published weights, whose numbers are known to be right by their hash. */
  readonly known?: true;
  /** The network as the file computes it in integers, for engines that compute in 8 bits. */
  readonly quantized?: QuantizedNetwork;
}

/** A network in its file's own names and operators, which need not be those of `graph` or `network`. */
export interface QuantizedNetwork {
  /** Values and parameters have the types that the file gives them. */
  readonly graph: Graph;
  /** The parameters as they are stored: integers with scales and zero points, and floats. */
  readonly tensors: Readonly<Record<string, Tensor<TensorData>>>;
}
