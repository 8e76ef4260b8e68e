import { reshaped } from "../../deferred.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Attrs, Graph } from "../../graph/graph.ts";
import type { Op } from "../../graph/op.ts";
import { formatShape, type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import { bareShape } from "../match/layer-weights.ts";
import type { KerasLayer } from "./layer.ts";

/** A layer of a Keras config that has weights, and what becomes of them. */
export interface OwnedWeights {
  /** The layer's name in its file. */
  readonly layer: string;
  /** Its weights in the order in which Keras stores them: by Keras' names, with the parameter of the graph each is. */
  readonly weights: readonly { readonly stored: string; readonly param: string }[];
  /** For layers whose stored numbers are not yet what our op takes: makes them so, in the same order. */
  prepare?(tensors: readonly Tensor[]): readonly Tensor[];
}

/** The graph of a Keras config, and where its weights come from. */
export interface KerasProgram {
  readonly graph: Graph;
  readonly layers: readonly OwnedWeights[];
  /** Parameters that the config gives: a scale that a layer does not have is 1. */
  readonly constants: Readonly<Record<string, Tensor>>;
  /** What was assumed of it. */
  readonly notes?: readonly string[];
}

/** Collects the graph of a config, layer by layer, with what its weights are called in the file. */
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

  /** Says that a layer of the file stores these weights, in this order. */
  own(layer: KerasLayer, weights: Readonly<Record<string, string>>, prepare?: OwnedWeights["prepare"]): void {
    const listed = Object.entries(weights).map(([stored, param]) => ({ stored, param }));
    if (listed.length > 0) this.layers.push({ layer: layer.name, weights: listed, ...(prepare && { prepare }) });
  }

  build(output: string): KerasProgram {
    return { graph: this.graph.build(output), layers: this.layers, constants: this.constants };
  }
}

/**
 * A layer's parameters from its stored weights, in their order. Shapes may differ in ones only, as those of a dense layer
 * and of the 1x1 convolution that it is on a map.
 * @returns undefined, with what is wrong told to `refuse`, where they do not fit
 */
export function parametersOf(
  { weights, prepare }: OwnedWeights,
  stored: readonly Tensor[],
  graph: Graph,
  refuse: (found: string, expected: string) => never,
): [string, Tensor][] {
  const tensors = prepare ? prepare(stored) : stored;
  return weights.flatMap(({ param }, i) => {
    // Of a layer that only another result needs.
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
