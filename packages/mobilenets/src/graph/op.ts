import type { FloatTensor, Shape } from "../tensor.ts";
import type { Attrs, ParamSpec } from "./graph.ts";

/** Everything the rest of the package needs to know of an op, answered in the op's own file. */
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
   * Shape of the result from the shapes of all inputs (data, then parameters).
   * @throws GraphError if the inputs do not fit; the caller adds the layer's name.
   */
  shape(inputs: readonly Shape[], attrs: A): Shape;
  /** The specification: fills `output` from `inputs` by naive loops with float64 accumulation. */
  reference(inputs: readonly FloatTensor[], attrs: A, output: FloatTensor): void;
  /** Multiply-adds of convolutions, squeeze-and-excite and dense layers; 0 where left out. */
  macs?(inputs: readonly Shape[], attrs: A, output: Shape): number;
}
