import type { Graph, ParamSpec, Weights } from "../../packages/mobilenets/src/graph/graph.ts";
import { random } from "../../packages/mobilenets/src/random.ts";
import { type Shape, sizeOf, type Tensor, tensor } from "../../packages/mobilenets/src/tensor.ts";

/**
 * The weights and pictures of the golden files, drawn again by the rules of test/golden/make/seeded.py:
 * a tensor called `name` by mulberry32 from the FNV-1a hash of `<seed>:<name>`.
 */
export function seededWeights(graph: Graph, seed: number): Weights {
  return Object.fromEntries(
    Object.entries(graph.params).map(([name, spec]) => [name, parameter(name, spec, seededUniform(name, seed))]),
  );
}

/** Numbers from 0 to below 1. */
export function seededUniform(name: string, seed: number): () => number {
  return random(fnv1a(`${seed}:${name}`));
}

/** A batch of noise, uniform from `low` to below `high`. */
export function seededPictures(shape: Shape, low: number, high: number, seed: number): Tensor {
  const u = seededUniform("input", seed);
  return fill(shape, () => low + (high - low) * u());
}

function parameter(name: string, { shape }: ParamSpec, u: () => number): Tensor {
  const weight = name.slice(name.lastIndexOf("/") + 1);
  const [inputs, outputs] = shape.slice(-2);
  switch (weight) {
    case "depthwise_kernel":
      return fill(shape, uniform(u, Math.sqrt(6 / sizeOf(shape.slice(0, 2)))));
    case "kernel":
      return fill(shape, uniform(u, Math.sqrt((outputs > inputs ? 3 : 6) / sizeOf(shape.slice(0, -1)))));
    case "gamma":
    case "moving_variance":
      return fill(shape, () => 0.5 + u());
    default:
      return fill(shape, () => u() - 0.5);
  }
}

const uniform = (u: () => number, limit: number) => () => (2 * u() - 1) * limit;

function fill(shape: Shape, next: () => number): Tensor {
  const filled = tensor(shape);
  for (let i = 0; i < filled.data.length; i++) filled.data[i] = next();
  return filled;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
