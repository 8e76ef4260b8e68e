// Running TensorFlow.js (plain JavaScript backend) as an oracle.
import * as tf from "@tensorflow/tfjs";
import type { Weights } from "../../packages/mobilenets/src/graph/graph.ts";
import { random } from "../../packages/mobilenets/src/random.ts";
import { type Shape, sizeOf, type Tensor, tensor } from "../../packages/mobilenets/src/tensor.ts";

// Quietens the advice to install the native backend.
tf.enableProdMode();

/**
 * Gives every weight of a model random values, batch norm's statistics too, and returns them as `<layer>/<weight>`.
 *
 * @param gain variance of kernels times their fan-in. A linear layer of gain 1 passes on the variance of its input, one
 *   after a rectifier needs up to 2 for that (He et al. 2015); too little and the network forgets its picture, too much
 *   and values explode.
 */
export function randomise(model: tf.LayersModel, seed: number, gain: number): Weights {
  const next = random(seed);
  const weights: Record<string, Tensor> = {};
  for (const layer of model.layers) {
    const values = layer.weights.map(({ originalName, shape }) => {
      const kind = originalName.slice(originalName.lastIndexOf("/") + 1);
      const [low, high] = rangeOf(kind, shape as number[], gain);
      const data = Float32Array.from({ length: sizeOf(shape as number[]) }, () => low + (high - low) * next());
      weights[`${layer.name}/${kind}`] = tensor(shape as number[], data);
      return tf.tensor(data, shape as number[]);
    });
    layer.setWeights(values);
    tf.dispose(values);
  }
  return weights;
}

/** Ends of the uniform distribution of a kind of weight. */
function rangeOf(kind: string, shape: Shape, gain: number): readonly [low: number, high: number] {
  const range = ranges.get(kind);
  if (range) return range;
  const fanIn = kind === "depthwise_kernel" ? shape[0] * shape[1] : sizeOf(shape.slice(0, -1));
  const limit = Math.sqrt((3 * gain) / fanIn);
  return [-limit, limit];
}

const ranges: ReadonlyMap<string, readonly [low: number, high: number]> = new Map([
  ["bias", [-0.3, 0.7]],
  ["gamma", [0.5, 1.5]],
  ["beta", [-0.5, 0.5]],
  ["moving_mean", [-0.3, 0.3]],
  ["moving_variance", [0.5, 1.5]],
]);

/** The values of the named layers for a batch of pictures. */
export function run(model: tf.LayersModel, input: Tensor, layers: readonly string[]): ReadonlyMap<string, Tensor> {
  const outputs = layers.map((name) => model.getLayer(name).output as tf.SymbolicTensor);
  const inner = tf.model({ inputs: model.inputs, outputs });
  const batch = tf.tensor(input.data, [...input.shape]);
  const results = [inner.predict(batch)].flat();
  const values = results.map((result) => tensor(result.shape, Float32Array.from(result.dataSync())));
  tf.dispose([batch, ...results]);
  return new Map(layers.map((name, i) => [name, values[i]]));
}

/** Different pictures, -1 to 1: waves of their own lengths and brightness under noise, as noise alone averages out. */
export function pictures(count: number, [height, width, channels]: Shape, seed: number): Tensor {
  const next = random(seed);
  const all = tensor([count, height, width, channels]);
  let at = 0;
  for (let n = 0; n < count; n++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < channels; c++) {
          const waves = Math.sin(((3 + 7 * n) * x) / width + c) + Math.cos(((5 - 4 * n) * y) / height);
          all.data[at++] = 0.3 * waves + 0.2 * (2 * next() - 1) + (n % 2 === 0 ? 0.2 : -0.2);
        }
      }
    }
  }
  return all;
}
