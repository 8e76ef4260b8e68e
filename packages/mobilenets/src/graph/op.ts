import type { FloatTensor, Shape } from "../tensor.ts";
import type { Attrs, ParamSpec } from "./graph.ts";
import type { importedOps } from "./imported-ops.ts";
import type { multiply } from "./ops/multiply.ts";
import type { rescaling } from "./ops/rescaling.ts";
import type { reshape } from "./ops/reshape.ts";
import type { zeroPadding2d } from "./ops/zero_padding2d.ts";
import type { trainingOps } from "./training-ops.ts";

/** Ops that gradients are made of. */
type GradientOps = typeof trainingOps &
  typeof importedOps & {
    readonly multiply: typeof multiply;
    readonly rescaling: typeof rescaling;
    readonly reshape: typeof reshape;
    readonly zero_padding2d: typeof zeroPadding2d;
  };
export type GradientOp = keyof GradientOps;
type AttrsOf<K extends GradientOp> = GradientOps[K] extends Op<infer A> ? A : never;

/** A node whose gradient is asked for. */
export interface Differentiated<A extends Attrs = Attrs> {
  readonly attrs: A;
  readonly inputs: readonly string[];
  /** Its result. */
  readonly output: string;
  /** The gradient of the loss with respect to its result. */
  readonly dy: string;
  /** Shape of any value. */
  shapeOf(value: string): Shape;
  /**
   * Makes a node and returns its name. The op is given by its name, so that code which does not train need not load it.
   */
  add<K extends GradientOp>(op: K, inputs: readonly string[], attrs: AttrsOf<K>): string;
}

/** Everything that the rest of the package needs to know of an op. The op's own file answers it. */
export interface Op<A extends Attrs = Attrs> {
  /** Key in graphs, snake_case as in Keras' automatic layer names: `depthwise_conv2d`. */
  readonly name: string;
  /** The Keras class shown by `summary`: `DepthwiseConv2D`. */
  layer(attrs: A): string;
  /**
   * Parameters a layer of this kind owns, by weight name, in input order, given its data inputs' shapes.
   * Ops without weights leave it out.
   */
  params?(inputs: readonly Shape[], attrs: A): Record<string, ParamSpec>;
  /**
   * Checks a node of this kind, which a file may have made up, before anything is computed of it. Ops that no file holds
   * leave it out.
   * @param inputs how many values it reads
   * @throws GraphError naming the attribute; the caller adds the layer's name
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
   * The gradient of the loss with respect to each input, in order, as functions that make it: only those that are wanted
   * get called. Null, or left out at the end, for inputs that have none. Ops that training graphs only have behind the
   * loss leave it out.
   * @throws GraphError for a form that a pass should have taken apart
   */
  gradient?(node: Differentiated<A>): readonly ((() => string) | null)[];
  /**
   * Whether it is a sum of products with weights, a bias and an activation built in: then a scale of its outputs can go into
   * its weights, and an activation after it into itself.
   */
  readonly weighted?: true;
  /** Whether it is a convolution: a window with its own strides and padding goes over a map. */
  readonly convolution?: true;
  /** Multiply-adds of convolutions, squeeze-and-excite and dense layers; 0 where left out. */
  macs?(inputs: readonly Shape[], attrs: A, output: Shape): number;
}
