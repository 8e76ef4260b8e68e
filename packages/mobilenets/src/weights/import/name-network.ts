import { WeightsError } from "../../errors.ts";
import type { Graph, Node, Program } from "../../graph/graph.ts";
import { globalAveragePooling2d } from "../../graph/ops/global_average_pooling2d.ts";
import { globalMaxPooling2d } from "../../graph/ops/global_max_pooling2d.ts";
import { type RescalingAttrs, rescaling } from "../../graph/ops/rescaling.ts";
import { reshape } from "../../graph/ops/reshape.ts";
import { activationOf, is } from "../../graph/ops.ts";
import type { Preprocessing } from "../../image/preprocessing.ts";
import { buildGraph, type NetworkName, optionsOf } from "../../models/networks.ts";
import type { ModelOptions } from "../../models/options.ts";
import { rewrite } from "../../passes/uses.ts";
import type { Tensor } from "../../tensor.ts";
import { type Hints, identify } from "../match/identify.ts";
import { kindOf, type LayerWeights, layersWithWeights } from "../match/layer-weights.ts";
import type { WeightFile } from "../weight-file.ts";
import { sameComputation } from "./same-computation.ts";

type Statistics = Pick<Preprocessing, "mean" | "std">;

/**
 * Finds our network that computes exactly the same as a program from another library. Its weights then get that network's
 * names, with identity batch norms. Any other program stays a graph.
 *
 * A rescaling of the input that our network does not have moves into the preprocessing.
 *
 * @param hints what the file says about itself
 * @param statistics how pictures become the program's input, if the file says
 */
export function nameNetwork(
  program: Program,
  hints: Hints,
  where: string,
  statistics: Statistics | undefined = statisticsOf(program),
): WeightFile {
  const front = frontRescaling(program);
  for (const flavor of hints.flavors) {
    const asIs = named(program, { ...hints, flavors: [flavor] }, where, front !== undefined);
    if (asIs) return { ...asIs, preprocessing: statistics };
    if (!front || !statistics) continue;
    const stripped = named(withoutFront(program, front), { ...hints, flavors: [flavor] }, where, false);
    if (stripped) return { ...stripped, preprocessing: compose(statistics, front.attrs) };
  }
  return { graph: program.graph, tensors: program.weights, preprocessing: statistics };
}

function named(program: Program, hints: Hints, where: string, rescales: boolean): WeightFile | undefined {
  const { graph } = program;
  const [, height, width, channels] = graph.input.shape;
  const output = lastOf(graph);
  const options: ModelOptions = {
    ...hints.options,
    inputShape: [height, width, channels],
    includePreprocessing: rescales,
    classifierActivation: (output && activationOf(output)) ?? "linear",
    pooling: poolingOf(output),
  };
  let file: WeightFile;
  try {
    file = identify(layersOf(program), { ...hints, options }, where);
  } catch (error) {
    if (error instanceof WeightsError) return undefined;
    throw error;
  }
  if (!file.network) return undefined;
  const found = relevant(file.network, file.options ?? {});
  const ours = { graph: buildGraph(file.network, found), weights: file.tensors as Record<string, Tensor> };
  return sameComputation(ours, program) ? { ...file, options: found } : undefined;
}

/** The tried options that apply to this network. */
function relevant(network: NetworkName, tried: ModelOptions): ModelOptions {
  const { includePreprocessing, classifierActivation, pooling, ...rest } = tried;
  const usual = optionsOf(network, rest);
  return {
    ...rest,
    ...(usual.includePreprocessing !== includePreprocessing && { includePreprocessing }),
    ...(usual.includeTop ? { classifierActivation } : { pooling }),
  };
}

/** Layers with weights in the order of the nodes, which is topological. */
function layersOf({ graph, weights }: Program): LayerWeights[] {
  return layersWithWeights(graph).map((node) => {
    const params = node.inputs.filter((input) => input in weights);
    const tensors = params.map((name) => [name.slice(name.lastIndexOf("/") + 1), weights[name]]);
    return { name: node.name, kind: kindOf(node), tensors: Object.fromEntries(tensors) };
  });
}

/** The node that computes the result, before a reshape. */
function lastOf({ nodes, outputs }: Graph): Node | undefined {
  const find = (value: string) => nodes.find(({ name }) => name === value);
  let node = find(outputs[0]);
  while (node && is(node, reshape)) node = find(node.inputs[0]);
  return node;
}

function poolingOf(node: Node | undefined): "avg" | "max" | null {
  if (node && is(node, globalAveragePooling2d)) return "avg";
  return node && is(node, globalMaxPooling2d) ? "max" : null;
}

function frontRescaling({ graph }: Program): (Node & { readonly attrs: RescalingAttrs }) | undefined {
  const [reader, ...others] = graph.nodes.filter((node) => node.inputs.includes(graph.input.name));
  return reader && others.length === 0 && is(reader, rescaling) ? reader : undefined;
}

function withoutFront({ graph, weights }: Program, front: Node): Program {
  const renamed = new Map([[front.name, graph.input.name]]);
  return { graph: rewrite(graph, new Map([[front.name, null]]), renamed), weights };
}

/** The statistics of a network that rescales its input to -1..1: the scale shows whether it takes 0..1 or 0..255. */
function statisticsOf(program: Program): Statistics | undefined {
  const front = frontRescaling(program);
  if (!front) return undefined;
  const { scale, offset } = front.attrs;
  const largest = (1 - offset) / scale;
  const channels = program.graph.input.shape[3];
  const whole = [1, 255].find((most) => offset > -1.01 && offset < -0.99 && Math.abs(largest / most - 1) < 0.02);
  if (whole === undefined) return undefined;
  return { mean: Array(channels).fill(0), std: Array(channels).fill(255 / whole) };
}

/** `((x - mean) / std) * scale + offset` as one mean and deviation. */
function compose({ mean, std }: Statistics, { scale, offset }: RescalingAttrs): Statistics {
  return {
    mean: mean.map((m, i) => m - (offset * std[i]) / scale),
    std: std.map((s) => s / scale),
  };
}
