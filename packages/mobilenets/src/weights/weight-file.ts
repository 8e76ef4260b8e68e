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
  /** Tensors that the file stores as integers, by name; `tensors` has them as reals. For engines that compute in 8 bits. */
  readonly quantisation?: Readonly<Record<string, Quantisation>>;
}

/**
 * How reals are stored as integers: real = (stored - zero point) * scale. `Math.round(real / scale) + zeroPoint` gives
 * the stored number again: exactly for 8 and 16 bits, and for 32-bit biases below 2^23, as float32 counts no further.
 */
export interface Quantisation {
  readonly type: "uint8" | "int8" | "int16" | "int32";
  /** One for the whole tensor, or one for each output channel: kernels' innermost dimensions together count those. */
  readonly scales: readonly number[];
  /** As many as scales. */
  readonly zeroPoints: readonly number[];
}
