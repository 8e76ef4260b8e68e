import type { Graph } from "../graph/graph.ts";
import type { Preprocessing } from "../image/preprocessing.ts";
import type { NetworkName } from "../models/networks.ts";
import type { ModelOptions } from "../models/options.ts";
import type { Tensor, TensorData } from "../tensor.ts";

/** A reader's result: tensors by `<layer>/<weight>`, and the other information that the format has. */
export interface WeightFile {
  readonly tensors: Readonly<Record<string, Tensor<TensorData>>>;
  /** The network as the file itself defines it, for formats with a graph (TensorFlow.js, full Keras files). */
  readonly graph?: Graph;
  /** Whether the graph is one of our networks with the file's custom head, built with the caller's options. */
  readonly shaped?: true;
  /** Which of our networks it is. */
  readonly network?: NetworkName;
  readonly options?: ModelOptions;
  readonly preprocessing?: Partial<Preprocessing>;
  /** Class names in output order. */
  readonly labels?: readonly string[];
  /** A sentence for each assumption of the reader, with how to choose otherwise. */
  readonly notes?: readonly string[];
  /** Set for published weights, whose hash shows that their numbers are correct. */
  readonly known?: true;
  /** The file's integer network, for engines that compute in 8 bits. */
  readonly quantized?: QuantizedNetwork;
}

/** A network with its file's names and operators, which may differ from those of `graph` or `network`. */
export interface QuantizedNetwork {
  /** The graph, with the file's types of values and parameters. */
  readonly graph: Graph;
  /** The stored parameters: integers with scales and zero points, and floats. */
  readonly tensors: Readonly<Record<string, Tensor<TensorData>>>;
}
