import * as tf from "@tensorflow/tfjs";

/** V1 in TensorFlow.js' layers API on the `cpu` backend, because the `wasm` backend cannot train a convolution. */
export async function tfjsStep(
  images: Float32Array,
  targets: Float32Array,
  batch: number,
  size: number,
  classes: number,
): Promise<() => Promise<void>> {
  await tf.setBackend("cpu");
  const model = tf.sequential();
  const normalised = (layer: tf.layers.Layer) => {
    model.add(layer);
    model.add(tf.layers.batchNormalization({ epsilon: 1e-3 }));
    model.add(tf.layers.reLU({ maxValue: 6 }));
  };
  const plain = { padding: "same", useBias: false } as const;
  normalised(tf.layers.conv2d({ ...plain, filters: 32, kernelSize: 3, strides: 2, inputShape: [size, size, 3] }));
  const table = [
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
  ];
  for (const [filters, strides] of [...table, ...Array(5).fill([512, 1]), [1024, 2], [1024, 1]]) {
    normalised(tf.layers.depthwiseConv2d({ ...plain, kernelSize: 3, strides }));
    normalised(tf.layers.conv2d({ ...plain, filters, kernelSize: 1 }));
  }
  model.add(tf.layers.globalAveragePooling2d({}));
  model.add(tf.layers.dense({ units: classes, activation: "softmax" }));
  model.compile({ optimizer: tf.train.momentum(0.01, 0.9), loss: "categoricalCrossentropy" });
  const x = tf.tensor4d(images, [batch, size, size, 3]);
  const y = tf.tensor2d(targets, [batch, classes]);
  return async () => {
    await model.trainOnBatch(x, y);
  };
}
