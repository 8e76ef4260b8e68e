import { reshaped } from "../../deferred.ts";
import { WeightsError } from "../../errors.ts";
import type { Activation } from "../../graph/activations.ts";
import type { Attrs, Graph, Node, ParamSpec } from "../../graph/graph.ts";
import { resultShape } from "../../graph/infer.ts";
import type { Op } from "../../graph/op.ts";
import { activation } from "../../graph/ops/activation.ts";
import { batchNormalization } from "../../graph/ops/batch_normalization.ts";
import { concatenate } from "../../graph/ops/concatenate.ts";
import { dense } from "../../graph/ops/dense.ts";
import { globalAveragePooling2d } from "../../graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../../graph/ops/global_max_pooling2d.ts";
import { layerNormalization } from "../../graph/ops/layer_normalization.ts";
import { reshape } from "../../graph/ops/reshape.ts";
import { shapesOf } from "../../graph/shapes.ts";
import { buildGraph, type NetworkName, optionsOf } from "../../models/networks.ts";
import type { ModelOptions } from "../../models/options.ts";
import { preprocessingOf } from "../../models/preprocessing.ts";
import { formatShape, type Shape, sizeOf, type Tensor, type TensorData } from "../../tensor.ts";
import type { WeightFile } from "../weight-file.ts";
import { bareShape, type LayerKind } from "./layer-weights.ts";

/** A layer of a custom head, with its weights by our names. */
export interface HeadLayer {
  readonly name: string;
  readonly type: "dense" | "batch_norm" | "layer_norm";
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** The activation after it, if the file has it. Default: that of `HeadOptions`. */
  readonly activation?: Activation;
  /** Whether a norm after a dense layer comes before its activation, if the file has this. */
  readonly normFirst?: boolean;
}

export interface HeadOptions {
  /** Pooling of the last map. Default: the mean, or the flattened map, whichever fits the first layer. */
  readonly pooling?: "avg" | "max";
  /** Epsilons of batch norms and layer norms. */
  readonly epsilon: { readonly batch: number; readonly layer: number };
  readonly momentum: number;
  /** Assumed activation after each dense layer except the last. */
  readonly hidden: Activation;
  /** Whether batch norms come between a dense layer and its activation. */
  readonly normFirst?: boolean;
  readonly wanted?: ModelOptions;
  /** Start of the note on assumptions. */
  readonly unknown: string;
}

/**
 * Puts a file's custom head on one of our networks, read without a classifier. Weights alone do not show what is between
 * layers: that is assumed, with a note.
 *
 * @param base `network`, `options` with `includeTop: false`, and the tensors of its features
 * @throws WeightsError for a layer that does not fit its input
 */
export function withHead(base: WeightFile, head: readonly HeadLayer[], where: string, o: HeadOptions): WeightFile {
  const network = base.network as NetworkName;
  const { classifierActivation, dropout: _, classes: __, includeTop: ___, ...wanted } = o.wanted ?? {};
  const asked: ModelOptions = { ...base.options, ...wanted, includeTop: false, pooling: null };
  const options = fitted(network, asked, head[0], wanted.inputShape !== undefined);
  const graph = new Extension(buildGraph(network, options));
  const [map] = graph.outputs;
  const [, height, width, channels] = graph.shapeOf(map);
  const first = inputsOf(head[0]);
  // fastai pools both ways. A flattened map of two pixels has the same length.
  const doubled = first === 2 * channels && height * width !== 2;
  let x = map;
  if (!doubled && (first === channels || height * width === 1)) {
    const pool = o.pooling === "max" ? globalMaxPooling2d : globalAveragePooling2d;
    x = graph.add(pool, graph.free(pool.name), [x], { keepdims: false });
  } else if (doubled) {
    const pools = [globalMaxPooling2d, globalAveragePooling2d].map((pool) =>
      graph.add(pool, graph.free(pool.name), [x], { keepdims: false }),
    );
    x = graph.add(concatenate, graph.free(concatenate.name), pools, {});
  } else {
    x = graph.add(reshape, graph.free("flatten"), [x], { target: [-1] });
  }
  const tensors: Record<string, Tensor<TensorData>> = { ...base.tensors };
  const lastDense = head.findLastIndex(({ type }) => type === "dense");
  const units = inputsOf(head[lastDense], true);
  const last =
    classifierActivation === null ? "linear" : (classifierActivation ?? (units === 1 ? "sigmoid" : "softmax"));
  let pending: Activation = "linear";
  head.forEach((layer, i) => {
    const name = graph.free(layer.name.replaceAll(".", "_"));
    const next = head[i + 1]?.type;
    const refuse = (expected: string): never => {
      const found = Object.values(layer.tensors).map(({ shape }) => formatShape(shape));
      throw new WeightsError({
        where: `${where}: ${layer.name}`,
        found: `weights of shapes ${found.join(", ")}`,
        expected,
      });
    };
    if (layer.type === "dense") {
      pending = layer.activation ?? (i === lastDense ? last : o.hidden);
      const { kernel, bias } = layer.tensors;
      const [inputs, outputs] = bareShape(kernel.shape);
      if (inputs !== sizeOf(graph.shapeOf(x))) refuse(`a kernel for ${formatShape(graph.shapeOf(x))}`);
      const norm = next !== undefined && next !== "dense" && i !== lastDense;
      const wait = norm && (layer.normFirst ?? (o.normFirst && next === "batch_norm"));
      const attrs = { units: outputs, useBias: bias !== undefined, activation: wait ? ("linear" as const) : pending };
      x = graph.add(dense, name, [x], attrs);
      tensors[`${name}/kernel`] = reshaped(kernel, [inputs, outputs]);
      if (bias) tensors[`${name}/bias`] = bias;
      if (!wait) pending = "linear";
      return;
    }
    const { gamma } = layer.tensors;
    if (gamma.data.length !== graph.shapeOf(x).at(-1)) refuse(`a norm of ${formatShape(graph.shapeOf(x))}`);
    x =
      layer.type === "layer_norm"
        ? graph.add(layerNormalization, name, [x], { epsilon: o.epsilon.layer })
        : graph.add(batchNormalization, name, [x], { epsilon: o.epsilon.batch, momentum: o.momentum });
    for (const [weight, tensor] of Object.entries(layer.tensors)) tensors[`${name}/${weight}`] = tensor;
    if (pending !== "linear") x = graph.add(activation, graph.free(`${name}_activation`), [x], { activation: pending });
    pending = "linear";
  });
  const assumed = [
    ...(doubled ? ["the maximum and then the mean of each channel before it"] : []),
    ...(head.some(({ type, activation: own }, i) => type === "dense" && i !== lastDense && !own)
      ? [`${o.hidden} between its dense layers`]
      : []),
    ...(classifierActivation === undefined && !head[lastDense].activation
      ? [`${last} after the last (option classifierActivation)`]
      : []),
  ];
  const { mean, std } = preprocessingOf(optionsOf(network, options), network);
  const note = `${o.unknown}: ${assumed.join(", and ")} ${assumed.length > 1 ? "are" : "is"} assumed`;
  return {
    tensors,
    graph: graph.build(x),
    shaped: true,
    preprocessing: { mean, std, ...base.preprocessing },
    // The flavour decides how pictures fit the input.
    options: { flavor: base.options?.flavor },
    labels: base.labels,
    notes: [...(base.notes ?? []), ...(assumed.length > 0 ? [note] : [])],
  };
}

/** Options with the input size that a head's first layer implies if it takes the flattened map. */
function fitted(network: NetworkName, options: ModelOptions, first: HeadLayer, sized: boolean): ModelOptions {
  const { outputs, nodes } = buildGraph(network, options);
  const [, height, width, channels] = (nodes.find(({ name }) => name === outputs[0]) as Node).shape;
  const side = Math.sqrt(inputsOf(first) / channels);
  if (sized || side === 1 || side * side * channels === height * width * channels || !Number.isInteger(side))
    return options;
  const [, , colours] = options.inputShape ?? [0, 0, 3];
  return { ...options, inputShape: [side * 32, side * 32, colours] };
}

/** Number of a layer's inputs or outputs. */
function inputsOf({ type, tensors }: HeadLayer, outputs = false): number {
  if (type !== "dense") return tensors.gamma.data.length;
  return bareShape(tensors.kernel.shape)[outputs ? 1 : 0];
}

/** Orders the layers of a head by their sizes: each takes the outputs of the one before it. */
export function chained(layers: readonly HeadLayer[], features: readonly number[]): readonly HeadLayer[] | undefined {
  for (const size of features) {
    const rest = [...layers];
    const ordered: HeadLayer[] = [];
    let numbers = size;
    while (rest.length > 0) {
      // If both fit, a norm comes before the next dense layer: after it, the norm would have that layer's size.
      const norm = rest.findIndex((layer) => layer.type !== "dense" && inputsOf(layer) === numbers);
      const next = rest.findIndex((layer) => layer.type === "dense");
      const at = norm >= 0 ? norm : next >= 0 && inputsOf(rest[next]) === numbers ? next : -1;
      if (at < 0) break;
      const [layer] = rest.splice(at, 1);
      ordered.push(layer);
      numbers = inputsOf(layer, true);
    }
    if (rest.length === 0) return ordered;
  }
  return undefined;
}

/** The kind of a head's layer for `identify`. */
export const headTypes: Readonly<Record<HeadLayer["type"], LayerKind>> = {
  dense: "conv",
  batch_norm: "norm",
  layer_norm: "norm",
};

/** Appends layers to a graph. */
class Extension {
  readonly #graph: Graph;
  readonly #nodes: Node[];
  readonly #params: Record<string, ParamSpec>;
  readonly #shapes: Map<string, Shape>;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#nodes = [...graph.nodes];
    this.#params = { ...graph.params };
    this.#shapes = new Map(shapesOf(graph));
  }

  get outputs(): readonly string[] {
    return this.#graph.outputs;
  }

  shapeOf(value: string): Shape {
    return this.#shapes.get(value) as Shape;
  }

  /** An unused name. */
  free(name: string): string {
    const base = name in {} ? `_${name}` : name;
    let free = base;
    for (let i = 1; this.#shapes.has(free); i++) free = `${base}_${i}`;
    return free;
  }

  add<A extends Attrs>(op: Op<A>, name: string, inputs: readonly string[], attrs: A): string {
    const data = inputs.map((input) => this.shapeOf(input));
    const params = Object.entries(op.params?.(data, attrs) ?? {}).map(
      ([weight, spec]) => [`${name}/${weight}`, spec] as const,
    );
    const shape = resultShape(op, name, [...data, ...params.map(([, spec]) => spec.shape)], attrs);
    for (const [param, spec] of params) {
      this.#params[param] = spec;
      this.#shapes.set(param, spec.shape);
    }
    this.#nodes.push({ name, op: op.name, inputs: [...inputs, ...params.map(([param]) => param)], attrs, shape });
    this.#shapes.set(name, shape);
    return name;
  }

  build(output: string): Graph {
    return {
      ...this.#graph,
      name: `${this.#graph.name}_headed`,
      params: this.#params,
      nodes: this.#nodes,
      outputs: [output],
    };
  }
}
