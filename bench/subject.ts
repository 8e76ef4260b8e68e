import type { Program } from "../packages/mobilenets/src/graph/graph.ts";
import { buildGraph, type NetworkName, optionsOf } from "../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../packages/mobilenets/src/models/options.ts";
import { preprocessingOf } from "../packages/mobilenets/src/models/preprocessing.ts";
import { random } from "../packages/mobilenets/src/random.ts";
import { sizeOf, type Tensor, tensor } from "../packages/mobilenets/src/tensor.ts";
import { type WritableModel, writeModelFile } from "../packages/mobilenets/src/weights/safetensors/model-file.ts";

/** Keras' flavour; V3 without its Rescaling layer, so that all four networks take the same picture. */
function optionsFor(name: NetworkName): ModelOptions {
  return name.startsWith("mobilenet_v3") ? { includePreprocessing: false } : {};
}

/**
 * The network of all contenders, with random weights and batch-norm statistics. Speed does not depend on the values, but
 * the check of equal results does: with Keras' initial weights the picture's signal would vanish over the layers, and
 * every network would answer 1/1000.
 */
export function subject(name: NetworkName): Program {
  const graph = buildGraph(name, optionsFor(name));
  const next = random(1);
  const weights: Record<string, Tensor> = {};
  for (const [param, { shape }] of Object.entries(graph.params)) {
    const [low, high] = rangeOf(param.slice(param.lastIndexOf("/") + 1), shape);
    weights[param] = tensor(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * next()),
    );
  }
  return { graph, weights };
}

/** Bounds of a weight's uniform distribution; the gain of 1.6 keeps all four networks between uniform and one-hot. */
function rangeOf(kind: string, shape: readonly number[]): readonly [low: number, high: number] {
  if (kind === "gamma" || kind === "moving_variance") return [0.6, 1.4];
  if (kind === "beta" || kind === "moving_mean" || kind === "bias") return [-0.3, 0.3];
  const fanIn = kind === "depthwise_kernel" ? shape[0] * shape[1] : sizeOf(shape.slice(0, -1));
  const limit = Math.sqrt((3 * 1.6) / fanIn);
  return [-limit, limit];
}

/** The subject as a model that can be saved. */
export function modelOf(name: NetworkName): WritableModel {
  const options = optionsFor(name);
  const preprocessing = preprocessingOf(optionsOf(name, options));
  return { program: subject(name), network: name, options, preprocessing, labels: [] };
}

/** The subject as our own file. */
export function safetensors(name: NetworkName): Uint8Array {
  return writeModelFile(modelOf(name));
}
