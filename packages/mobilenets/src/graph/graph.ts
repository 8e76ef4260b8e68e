import type { Tensor } from "../tensor.ts";
import type { StorageType, ValueType } from "./value-type.ts";

/**
 * The intermediate representation: plain data that prints, serialises and compares.
 *
 * Values have names. A value is the graph's input, a parameter (a weight), or the single result of a node, which has the
 * node's name. Parameters are inputs like others, so that passes and gradients treat them alike.
 */
export interface Graph {
  readonly name: string;
  /** The batch of pictures: name and type, NHWC. The batch size here is 1; engines accept any. */
  readonly input: ValueType & { readonly name: string };
  /** Weights by name, `<layer>/<weight>` as in Keras, e.g. `conv1/kernel`. */
  readonly params: Readonly<Record<string, ParamSpec>>;
  /** Layers in topological order: every node comes after its inputs. */
  readonly nodes: readonly Node[];
  /** Names of the values to compute. */
  readonly outputs: readonly string[];
}

/** A layer: an op, its inputs and the type of its result. */
export interface Node extends ValueType {
  /** The layer's name as Keras gives it, unique in the graph; also the name of its result. */
  readonly name: string;
  /** Key of the op in `graph/ops.ts`, e.g. `conv2d`. */
  readonly op: string;
  /** Names of values: first the data inputs, then the parameters in the order that the op documents. */
  readonly inputs: readonly string[];
  readonly attrs: Attrs;
}

/** Attributes of an op, as plain data; see the op's file. */
export type Attrs = object;

export interface ParamSpec extends ValueType<StorageType> {
  /** False for batch norm's moving statistics. */
  readonly trainable: boolean;
  /** Initialiser of a fresh network; see `models/initialise.ts`. */
  readonly init: Initialiser;
}

/** Keras' defaults: Glorot uniform for kernels, zeros and ones for the rest. */
export type Initialiser = "glorot_uniform" | "zeros" | "ones";

/** Values of parameters by name. */
export type Weights = Readonly<Record<string, Tensor>>;

/** A graph with the values of its parameters. Passes transform it; engines compile it. */
export interface Program {
  readonly graph: Graph;
  readonly weights: Weights;
}
