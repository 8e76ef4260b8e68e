import type { Graph, Weights } from "../../packages/mobilenets/src/graph/graph.ts";
import { tensor } from "../../packages/mobilenets/src/tensor.ts";
import type { Batch } from "../../packages/mobilenets/src/train/batch.ts";
import { seededUniform, seededWeights } from "./seeded.ts";

/** Sides of the patches that pictures are made of, in pixels. */
const PATCH = 8;

/** The weights of the goldens of training, by the rules of test/golden/make/training.py: other norms than elsewhere. */
export function trainingWeights(graph: Graph, seed: number): Weights {
  const weights = Object.entries(seededWeights(graph, seed)).map(([name, value]) => {
    const u = seededUniform(name, seed);
    if (name.endsWith("/gamma"))
      return [
        name,
        tensor(
          value.shape,
          value.data.map(() => 0.25 + 0.5 * u()),
        ),
      ];
    if (name.endsWith("/beta"))
      return [
        name,
        tensor(
          value.shape,
          value.data.map(() => norm(u())),
        ),
      ];
    return [name, value];
  });
  return Object.fromEntries(weights);
}

const norm = (u: number) => (u < 0.97 ? 0.2 + u : 6);

/**
 * Batch `i` of a golden of training: pictures of random patches, one-hot rows of random labels.
 * @param shape `[n, height, width, channels]`
 */
export function trainingBatch(
  noise: number,
  i: number,
  shape: readonly number[],
  [low, high]: readonly [number, number],
  classes: number,
  seed: number,
): Batch {
  const [n, height, width, channels] = shape;
  const [rows, columns] = [Math.ceil(height / PATCH), Math.ceil(width / PATCH)];
  const u = seededUniform(`${noise}/${i}/images`, seed);
  const patches = Float32Array.from({ length: n * rows * columns * channels }, () => low + (high - low) * u());
  const images = new Float32Array(n * height * width * channels);
  for (let at = 0; at < images.length; at++) {
    const channel = at % channels;
    const x = Math.floor(at / channels) % width;
    const y = Math.floor(at / (channels * width)) % height;
    const picture = Math.floor(at / (channels * width * height));
    const patch = (picture * rows + Math.floor(y / PATCH)) * columns + Math.floor(x / PATCH);
    images[at] = patches[patch * channels + channel];
  }
  const label = seededUniform(`${noise}/${i}/labels`, seed);
  const targets = new Float32Array(n * classes);
  for (let picture = 0; picture < n; picture++) targets[picture * classes + Math.floor(label() * classes)] = 1;
  return { images, targets, indices: Array.from({ length: n }, (_, picture) => picture) };
}
