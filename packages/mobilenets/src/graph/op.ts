import type { FloatTensor, Shape } from "../tensor.ts";
import type { Attrs, ParamSpec } from "./graph.ts";
import type { importedOps } from "./imported-ops.ts";
import type { multiply } from "./ops/multiply.ts";
import type { rescaling } from "./ops/rescaling.ts";
import type { reshape } from "./ops/reshape.ts";
import type { zeroPadding2d } from "./ops/zero_padding2d.ts";
import type { trainingOps } from "./training-ops.ts";

/** Ops of gradients. */
type GradientOps = typeof trainingOps &
  typeof importedOps & {
    readonly multiply: typeof multiply;
    readonly rescaling: typeof rescaling;
    readonly reshape: typeof reshape;
    readonly zero_padding2d: typeof zeroPadding2d;
  };
export type GradientOp = keyof GradientOps;
type AttrsOf<K extends GradientOp> = GradientOps[K] extends Op<infer A> ? A : never;

/** A node to differentiate. */
export interface Differentiated<A extends Attrs = Attrs> {
  readonly attrs: A;
  readonly inputs: readonly string[];
  /** Name of the node's result. */
  readonly output: string;
  /** The gradient of the loss by the node's result. */
  readonly dy: string;
  /** Shape of any value. */
  shapeOf(value: string): Shape;
  /**
   * Adds a node and returns its name. The op is a name, so that inference does not load gradient ops.
   */
  add<K extends GradientOp>(op: K, inputs: readonly string[], attrs: AttrsOf<K>): string;
}

/** Everything that the package needs to know about an op. Each op has its own file. */
export interface Op<A extends Attrs = Attrs> {
  /** Key in graphs, snake_case as in Keras' automatic layer names: `depthwise_conv2d`. */
  readonly name: string;
  /** The Keras class shown by `summary`: `DepthwiseConv2D`. */
  layer(attrs: A): string;
  /**
   * The parameters of a layer, by weight name, in input order, for its data inputs' shapes. Ops without weights leave it
   * out.
   */
  params?(inputs: readonly Shape[], attrs: A): Record<string, ParamSpec>;
  /**
   * Checks a node of this kind from a file before anything uses it. Ops that no file holds leave it out.
   * @param inputs number of the node's inputs
   * @throws GraphError for an invalid attribute, which it names; the caller adds the layer's name
   */
  check?(attrs: A, inputs: number): void;
  /**
   * Shape of the result from the shapes of all inputs (data, then parameters).
   * @throws GraphError if the inputs do not fit; the caller adds the layer's name.
   */
  shape(inputs: readonly Shape[], attrs: A): Shape;
  /** The specification: fills `output` from `inputs` by naive loops with float64 accumulation. */
  reference(inputs: readonly FloatTensor[], attrs: A, output: FloatTensor): void;
  /**
   * The gradient of the loss by each input, in order, as functions that build it: only the needed ones get called. Inputs
   * without a gradient have null, or nothing at the end. Ops of the backward pass alone leave it out.
   * @throws GraphError for a form that a pass should have split
   */
  gradient?(node: Differentiated<A>): readonly ((() => string) | null)[];
  /**
   * Whether the op is a sum of products with weights, with a bias and an activation: a pass can fold a scale of its outputs
   * into its weights, and an activation after it into the op.
   */
  readonly weighted?: true;
  /** Whether the op is a convolution, with a window, strides and padding. */
  readonly convolution?: true;
  /** Multiply-adds of convolutions, squeeze-and-excite and dense layers; 0 if left out. */
  macs?(inputs: readonly Shape[], attrs: A, output: Shape): number;
}
