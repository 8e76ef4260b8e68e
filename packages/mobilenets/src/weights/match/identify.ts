import { reshaped } from "../../deferred.ts";
import { OptionError, WeightsError } from "../../errors.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import { batchNormalization } from "../../graph/ops/batch_normalization.ts";
import { is } from "../../graph/ops.ts";
import { buildGraph, type NetworkName, networkNames, variantsOf } from "../../models/networks.ts";
import type { Flavor, ModelOptions } from "../../models/options.ts";
import { sameShape, sizeOf, type Tensor, tensor } from "../../tensor.ts";
import type { WeightFile } from "../weight-file.ts";
import { bareShape, kindOf, type LayerKind, type LayerWeights, layersWithWeights } from "./layer-weights.ts";

/** Widths of published weights, the most common first; then all multiples of 1/20. */
const ALPHAS = [1, 0.75, 0.5, 0.25, 0.35, 1.3, 1.4, ...Array.from({ length: 40 }, (_, i) => (i + 1) / 20)];

export interface Hints {
  /** The possible flavours of this file format, the most likely first: shapes alone often fit several. */
  readonly flavors: readonly Flavor[];
  /** The file's own information, if it has any. */
  readonly networks?: readonly NetworkName[];
  readonly options?: ModelOptions;
  /** Widths that the kinds of layers allow, the most common first. Default: all common ones. */
  readonly alphas?: readonly number[];
  /** For files with more information than shapes: the first contradiction between a network and the file. */
  misfit?(graph: Graph): LayerMisfit | undefined;
}

export interface LayerMisfit {
  /** Index of the first layer that does not fit. */
  readonly layer: number;
  /** The file's value, and the network's. */
  readonly found: string;
}

interface ParamLayer {
  readonly node: Node;
  readonly kind: LayerKind;
}

/**
 * Finds the network whose layers, in order, have these weights: name, flavour, width, classes and head. Files name layers
 * in many ways, and even Keras' own files are loaded by order, so order and shapes decide, and names are ignored. A file
 * with batch norms folded into convolutions is recognised too, and gets identity norms.
 *
 * @param layers in the order of data flow
 * @throws WeightsError if no network fits; it describes the nearest one
 */
export function identify(layers: readonly LayerWeights[], hints: Hints, where: string): WeightFile {
  const folded = !layers.some(({ kind }) => kind === "norm");
  let best: { matched: number; network: NetworkName; misfit?: LayerMisfit } = { matched: 0, network: networkNames[0] };
  // A file that names its width may have an unpublished one.
  let alphas = hints.options?.alpha === undefined ? (hints.alphas ?? ALPHAS) : [hints.options.alpha];
  for (const { network, options } of structures(layers, hints)) {
    // Kinds of layers hardly depend on the width: one graph excludes most structures.
    const sketch = paramLayers(tryBuild(network, { ...options, alpha: alphas[0] }), folded);
    if (sketch.length !== layers.length || sketch.some(({ kind }, i) => kind !== layers[i].kind)) continue;
    for (const alpha of alphas) {
      const graph = tryBuild(network, { ...options, alpha });
      const expected = paramLayers(graph, folded);
      const matched = graph ? countMatches(layers, expected, graph, folded) : 0;
      if (graph && matched === layers.length) {
        const misfit = hints.misfit?.(graph);
        if (!misfit) return { tensors: assign(layers, expected, graph), network, options: { ...options, alpha } };
        if (misfit.layer > (best.misfit?.layer ?? -1)) best = { matched, network, misfit };
        // The width is now known, but not the flavour.
        alphas = [alpha];
        break;
      }
      if (matched > best.matched) best = { matched, network };
    }
  }
  if (best.misfit) {
    throw new WeightsError({
      where,
      found: `weights that fit ${best.network} in layers that do not: ${best.misfit.found}`,
      hint: "this file does not compute what the published networks do",
    });
  }
  const reason =
    best.matched > 0 ? `: the first ${best.matched} fit ${best.network}, "${layers[best.matched].name}" does not` : "";
  throw new WeightsError({
    where,
    found: `${layers.length} layers with weights that are no network of ours${reason}`,
    expected: `the layers of ${networkNames.join(", ")}, with or without the classifier`,
    hint:
      "does it have layers of its own, or a width that is not a multiple of 0.05? " +
      "A file of the whole model (.keras, ONNX) says how it computes",
  });
}

/** All possible networks and heads, without their width. */
function* structures(
  layers: readonly LayerWeights[],
  hints: Hints,
): Generator<{ network: NetworkName; options: ModelOptions }> {
  const channels = layers[0]?.tensors.kernel?.shape.at(-2);
  const classes = layers[layers.length - 1]?.tensors.kernel?.shape.at(-1);
  if (channels !== 1 && channels !== 3) return;
  // Only V1 has this multiplier; the others refuse the option.
  const depthMultiplier =
    layers[1 + layers.slice(1).findIndex(({ kind }) => kind === "depthwise")]?.tensors.depthwise_kernel?.shape[3];
  const multiplied = depthMultiplier !== undefined && depthMultiplier > 1 && { depthMultiplier };
  for (const flavor of hints.flavors) {
    for (const network of hints.networks ?? networkNames) {
      for (const variant of variantsOf(network, flavor)) {
        for (const head of [{ classes }, { includeTop: false }]) {
          const inputShape = [224, 224, channels] as const;
          const options = {
            inputShape,
            ...multiplied,
            ...hints.options,
            flavor,
            ...head,
            ...variant,
          };
          yield { network, options };
        }
      }
    }
  }
}

/** Builds a graph; null for options that the network does not have. */
function tryBuild(network: NetworkName, options: ModelOptions): Graph | null {
  try {
    return buildGraph(network, options);
  } catch (error) {
    if (error instanceof OptionError) return null;
    throw error;
  }
}

function paramLayers(graph: Graph | null, withoutNorms: boolean): ParamLayer[] {
  if (!graph) return [];
  return layersWithWeights(graph)
    .map((node) => ({ node, kind: kindOf(node) }))
    .filter(({ kind }) => !(withoutNorms && kind === "norm"));
}

function countMatches(
  layers: readonly LayerWeights[],
  expected: readonly ParamLayer[],
  graph: Graph,
  folded: boolean,
): number {
  for (let i = 0; i < layers.length; i++) {
    for (const [weight, given] of Object.entries(layers[i].tensors)) {
      const spec = graph.params[`${expected[i].node.name}/${weight}`];
      if (spec && sameShape(bareShape(spec.shape), bareShape(given.shape))) continue;
      // A folded norm leaves a bias that the layer itself does not have.
      const spare = !spec && weight === "bias" && (folded || given.data.every((x) => x === 0));
      if (!spare) return i;
    }
  }
  return layers.length;
}

function assign(layers: readonly LayerWeights[], used: readonly ParamLayer[], graph: Graph): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  layers.forEach((layer, i) => {
    const { name } = used[i].node;
    for (const [weight, value] of Object.entries(layer.tensors)) {
      const spec = graph.params[`${name}/${weight}`];
      if (spec) tensors[`${name}/${weight}`] = reshaped(value, spec.shape);
    }
  });
  // Norms of a folded file, and zero biases, are still missing.
  // (A convolution's own bias already includes the folded norm's.)
  const foldedBias = new Map(
    used.map(({ node }, i) => [node.name, `${node.name}/bias` in tensors ? undefined : layers[i].tensors.bias]),
  );
  for (const node of graph.nodes) {
    if (is(node, batchNormalization) && !(`${node.name}/gamma` in tensors)) {
      Object.assign(tensors, plainNorm(node.name, graph, node.attrs.epsilon, foldedBias.get(node.inputs[0])));
    }
  }
  for (const [name, { shape }] of Object.entries(graph.params)) {
    if (!(name in tensors) && name.endsWith("/bias")) tensors[name] = tensor(shape);
  }
  return tensors;
}

/** A norm that only adds the bias of a folded convolution: its root is 1. */
function plainNorm(name: string, graph: Graph, epsilon: number, bias: Tensor | undefined): Record<string, Tensor> {
  const { shape } = graph.params[`${name}/gamma`];
  const filled = (x: number) => tensor(shape, new Float32Array(sizeOf(shape)).fill(x));
  return {
    [`${name}/gamma`]: filled(1),
    [`${name}/beta`]: bias ?? filled(0),
    [`${name}/moving_mean`]: filled(0),
    [`${name}/moving_variance`]: filled(1 - epsilon),
  };
}
