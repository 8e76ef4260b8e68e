import type { Graph, Program, Weights } from "../../packages/mobilenets/src/graph/graph.ts";
import { random } from "../../packages/mobilenets/src/random.ts";
import { type Shape, sizeOf, type Tensor, tensor } from "../../packages/mobilenets/src/tensor.ts";

type Range = readonly [low: number, high: number];

/** Uniform numbers of variance 1 / fan-in, so that a linear layer keeps the magnitude of its input. */
const kernelRange = (fanIn: number): Range => [-Math.sqrt(3 / fanIn), Math.sqrt(3 / fanIn)];

/** Every parameter differs from a fresh network's, so that a missing or swapped one shows. */
const ranges: Readonly<Record<string, (shape: Shape) => Range>> = {
  kernel: (shape) => kernelRange(sizeOf(shape.slice(0, -1))),
  depthwise_kernel: ([height, width]) => kernelRange(height * width),
  bias: () => [-0.3, 0.7],
  gamma: () => [0.5, 1.5],
  beta: () => [-0.5, 0.5],
  moving_mean: () => [-0.3, 0.3],
  moving_variance: () => [0.5, 1.5],
};

/** A graph with random weights, including batch norm's statistics. */
export function randomProgram(graph: Graph, seed: number): Program {
  return { graph, weights: randomWeights(graph, seed) };
}

export function randomWeights(graph: Graph, seed: number): Weights {
  const next = random(seed);
  return Object.fromEntries(
    Object.entries(graph.params).map(([name, { shape }]) => {
      const range = ranges[name.slice(name.lastIndexOf("/") + 1)];
      if (!range) throw new Error(`no range for parameter ${name}`);
      return [name, uniform(shape, range(shape), next)];
    }),
  );
}

/** A batch of pictures for a graph: uniform numbers from -1 to 1. */
export function randomInput(graph: Graph, batch: number, seed: number): Tensor {
  return uniform([batch, ...graph.input.shape.slice(1)], [-1, 1], random(seed));
}

function uniform(shape: Shape, [low, high]: Range, next: () => number): Tensor {
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = low + (high - low) * next();
  return tensor(shape, data);
}
