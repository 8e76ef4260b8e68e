import { reshaped } from "../../deferred.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Attrs, Graph } from "../../graph/graph.ts";
import type { Op } from "../../graph/op.ts";
import { formatShape, type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import { bareShape } from "../match/layer-weights.ts";
import type { KerasLayer } from "./layer.ts";

/** A layer with weights in a Keras config, and their parameters. */
export interface OwnedWeights {
  /** Name of the layer in the file. */
  readonly layer: string;
  /** Weights in Keras' storage order: Keras' name and the graph's parameter of each. */
  readonly weights: readonly { readonly stored: string; readonly param: string }[];
  /** Converts stored numbers to those of our op, in the same order, if they differ. */
  prepare?(tensors: readonly Tensor[]): readonly Tensor[];
}

/** The graph of a Keras config, and the sources of its weights. */
export interface KerasProgram {
  readonly graph: Graph;
  readonly layers: readonly OwnedWeights[];
  /** Parameters from the config, such as 1 for a missing scale. */
  readonly constants: Readonly<Record<string, Tensor>>;
  /** Assumptions about the config. */
  readonly notes?: readonly string[];
}

/** Builds the graph of a config, layer by layer, with the names of its weights in the file. */
export class KerasProgramBuilder {
  readonly graph: GraphBuilder;
  readonly layers: OwnedWeights[] = [];
  readonly constants: Record<string, Tensor> = {};

  constructor(graph: GraphBuilder) {
    this.graph = graph;
  }

  shapeOf(value: string): Shape {
    return this.graph.shapeOf(value);
  }

  /**
   * Adds a node.
   * @returns names of its parameters by weight
   */
  add<A extends Attrs>(op: Op<A>, name: string, inputs: readonly string[], attrs: A): Readonly<Record<string, string>> {
    const shapes = inputs.map((input) => this.shapeOf(input));
    this.graph.add(op, name, inputs, attrs);
    return Object.fromEntries(
      Object.keys(op.params?.(shapes, attrs) ?? {}).map((weight) => [weight, `${name}/${weight}`]),
    );
  }

  /** Declares the weights that a layer of the file stores, in order. */
  own(layer: KerasLayer, weights: Readonly<Record<string, string>>, prepare?: OwnedWeights["prepare"]): void {
    const listed = Object.entries(weights).map(([stored, param]) => ({ stored, param }));
    if (listed.length > 0) this.layers.push({ layer: layer.name, weights: listed, ...(prepare && { prepare }) });
  }

  build(output: string): KerasProgram {
    return { graph: this.graph.build(output), layers: this.layers, constants: this.constants };
  }
}

/**
 * A layer's parameters from its stored weights, in order. Shapes may differ only in dimensions of 1, as for a dense layer
 * that is a 1x1 convolution on a map.
 * @returns undefined if they do not fit; `refuse` then gets the reason
 */
export function parametersOf(
  { weights, prepare }: OwnedWeights,
  stored: readonly Tensor[],
  graph: Graph,
  refuse: (found: string, expected: string) => never,
): [string, Tensor][] {
  const tensors = prepare ? prepare(stored) : stored;
  return weights.flatMap(({ param }, i) => {
    // The layer belongs only to another output.
    if (!graph.params[param]) return [];
    const { shape } = graph.params[param];
    const tensor = tensors[i];
    if (tensors.length === weights.length && sizeOf(tensor.shape) === sizeOf(shape)) {
      if (formatShape(bareShape(tensor.shape)) === formatShape(bareShape(shape)))
        return [[param, reshaped(tensor, shape)]];
    }
    const found = tensors.map((one) => formatShape(one.shape)).join(", ") || "none";
    return refuse(`weights of shapes ${found}`, `${formatShape(shape)} for ${param} as its config says`);
  });
}
