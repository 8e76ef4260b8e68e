import { embeddingGraph } from "../embedding.ts";
import { OptionError } from "../errors.ts";
import type { Activation } from "../graph/activations.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph, Node, ParamSpec, Program, Weights } from "../graph/graph.ts";
import { conv2d } from "../graph/ops/conv2d.ts";
import { dense } from "../graph/ops/dense.ts";
import { dropout as dropoutOp } from "../graph/ops/dropout.ts";
import { is } from "../graph/ops.ts";
import { subgraph } from "../graph/subgraph.ts";
import { initialise } from "../models/initialise.ts";
import { layers } from "../models/layers.ts";
import { buildGraph } from "../models/networks.ts";
import { sizeOf, tensor } from "../tensor.ts";
import type { WritableModel } from "../weights/safetensors/model-file.ts";

/** Options of `withClassifier`. */
export interface ClassifierOptions {
  /** Class names in output order. */
  readonly labels: readonly string[];
  /** Default `softmax`; `sigmoid` for several labels per picture. */
  readonly activation?: Activation;
  /** Share of features dropped in training; refused for a network without a dropout layer. */
  readonly dropout?: number;
  /** Seed of the new layer's weights. Default 0. */
  readonly seed?: number;
}

/**
 * The same network with a fresh classifier for other classes. It keeps all other weights, including V3's hidden layer. A
 * network without a classifier, or one that a file defines, gets a classifier too.
 */
export function withClassifier(model: WritableModel, options: ClassifierOptions): WritableModel {
  const { labels, activation = "softmax", dropout, seed } = options;
  const { network, program } = model;
  if (!network) {
    return { ...model, program: withDense(program, labels.length, activation, dropout ?? 0, seed), labels };
  }
  const { pooling, ...kept } = model.options ?? {};
  const own = {
    ...kept,
    includeTop: true,
    classes: labels.length,
    classifierActivation: activation,
    ...(dropout !== undefined && { dropout }),
  };
  const graph = buildGraph(network, own);
  return { ...model, program: { graph, weights: refreshed(graph, program.weights, seed) }, options: own, labels };
}

/** The old weights, with fresh ones for the last layer and for parameters that the old ones lack. */
function refreshed(graph: Graph, old: Weights, seed: number | undefined): Weights {
  const last = new Set(paramsOf(graph, classifierOf(graph)));
  const fresh = initialise(graph, seed);
  const pick = (name: string) => (last.has(name) ? fresh[name] : (old[name] ?? fresh[name]));
  return Object.fromEntries(Object.keys(graph.params).map((name) => [name, pick(name)]));
}

/** Cuts a network that is not one of ours at its features, and puts a dense layer on them. */
function withDense(
  program: Program,
  units: number,
  activation: Activation,
  rate: number,
  seed: number | undefined,
): Program {
  const graph = embeddingGraph(program.graph);
  const names = new Set([...graph.nodes.map(({ name }) => name), ...Object.keys(graph.params)]);
  const free = (name: string): string => (names.has(name) ? free(`${name}_1`) : name);
  const [features] = graph.outputs;
  const { shape } = graph.nodes.find(({ name }) => name === features)!;
  const name = free("predictions");
  const attrs = { units, useBias: true, activation };
  const specs = Object.entries(dense.params!([shape], attrs));
  const params = Object.fromEntries(specs.map(([weight, spec]): [string, ParamSpec] => [`${name}/${weight}`, spec]));
  const dropped: Node = { name: free("dropout"), op: dropoutOp.name, inputs: [features], attrs: { rate }, shape };
  const input = rate > 0 ? dropped.name : features;
  const head: Node = { name, op: dense.name, inputs: [input, ...Object.keys(params)], attrs, shape: [1, units] };
  const whole: Graph = {
    ...graph,
    params: { ...graph.params, ...params },
    nodes: [...graph.nodes, ...(rate > 0 ? [dropped] : []), head],
    outputs: [name],
  };
  return { graph: whole, weights: refreshed(whole, program.weights, seed) };
}

/** A network in two parts: a backbone that gives features, and a head, the classifier, that takes them. */
export interface SplitNetwork {
  /** From pictures to features, in any shape of `featureCount` numbers per picture. */
  readonly backbone: Program;
  readonly featureCount: number;
  /** From features `[n, featureCount]` to classes. */
  readonly head: Program;
  /** The whole network with the weights of a trained head. */
  join(head: Weights): Program;
}

/**
 * Cuts a network before its classifier, the last layer with weights, so that the classifier can be trained alone.
 * @param dropout share of features dropped in training. Default: as the network has it
 * @throws OptionError if the network does not end in a classifier
 */
export function splitAtClassifier({ graph, weights }: Program, activation: Activation, dropout?: number): SplitNetwork {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const last = classifierOf(graph);
  const { useBias } = last.attrs as { useBias: boolean };
  let [features] = last.inputs;
  let rate = 0;
  for (let node = byName.get(features); node && is(node, dropoutOp); node = byName.get(features)) {
    rate = node.attrs.rate;
    [features] = node.inputs;
  }
  const part = subgraph(graph, [features]);
  const featureCount = sizeOf(byName.get(features)!.shape);
  const units = last.shape[last.shape.length - 1];

  const b = new GraphBuilder(`${graph.name}_classifier`, [featureCount], "features");
  const l = layers(b);
  const dropped = (dropout ?? rate) > 0 ? l.dropout(b.input, dropout ?? rate) : b.input;
  const head = b.build(b.add(dense, last.name, [dropped], { units, useBias, activation }));
  const own = Object.keys(head.params);
  const shaped = (values: Weights, { params }: Pick<Graph, "params">) =>
    Object.fromEntries(own.map((name) => [name, tensor(params[name].shape, values[name].data)]));
  return {
    backbone: { graph: part, weights: pick(weights, Object.keys(part.params)) },
    featureCount,
    head: { graph: head, weights: shaped(weights, head) },
    join: (trained) => ({ graph, weights: { ...weights, ...shaped(trained, graph) } }),
  };
}

/** The last layer with weights: a dense layer, or a convolution of a single pixel, which is the same. */
function classifierOf(graph: Graph): Node {
  const last = graph.nodes.findLast((node) => paramsOf(graph, node).length > 0);
  const one = (shape: readonly number[]) => shape.slice(1, -1).every((n) => n === 1);
  if (last && (is(last, dense) || is(last, conv2d)) && one(last.shape)) return last;
  throw new OptionError({
    where: graph.name,
    found: last ? `${last.name}, a ${last.op} of shape [${last.shape}], as its last layer with weights` : "no weights",
    expected: "a classifier",
    hint: "load it with includeTop: true",
  });
}

function paramsOf(graph: Graph, { inputs }: Node): string[] {
  return inputs.filter((input) => Object.hasOwn(graph.params, input));
}

function pick(weights: Weights, names: readonly string[]): Weights {
  return Object.fromEntries(names.map((name) => [name, weights[name]]));
}
