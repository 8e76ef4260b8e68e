import { zipSync } from "fflate";
import { buildGraph, optionsOf } from "../../packages/mobilenets/src/models/networks.ts";
import type { ModelOptions } from "../../packages/mobilenets/src/models/options.ts";
import { preprocessingOf } from "../../packages/mobilenets/src/models/preprocessing.ts";
import { type Tensor, tensor } from "../../packages/mobilenets/src/tensor.ts";
import type { Hdf5Tree } from "../../packages/mobilenets/src/weights/containers/hdf5/write.ts";
import type { WritableModel } from "../../packages/mobilenets/src/weights/safetensors/model-file.ts";
import { randomProgram } from "./random-program.ts";

/** The narrowest V1, with hardly any weights. */
export function narrowV1(): WritableModel {
  const options: ModelOptions = { alpha: 0.05, classes: 2, inputShape: [32, 32, 3] };
  const program = randomProgram(buildGraph("mobilenet_v1", options), 1);
  const preprocessing = preprocessingOf(optionsOf("mobilenet_v1", options));
  return { program, network: "mobilenet_v1", options, preprocessing, labels: [] };
}

type Json = Record<string, unknown>;

const history = (name: string, shape: readonly (number | null)[]) => ({
  class_name: "__keras_tensor__",
  config: { shape, dtype: "float32", keras_history: [name, 0, 0] },
});

/** A layer in Keras 3's config. */
export function kerasLayer(class_name: string, name: string, config: Json, ...args: unknown[]): Json {
  const dtype = { module: "keras", class_name: "DTypePolicy", config: { name: "float32" }, registered_name: null };
  const inbound_nodes = args.length > 0 ? [{ args, kwargs: { mask: null } }] : [];
  return {
    module: "keras.layers",
    class_name,
    config: { name, trainable: true, dtype, ...config },
    name,
    inbound_nodes,
  };
}

/** A model that is none of our networks: with arithmetic, a nested model and a head. */
export function tinyConfig(): Json {
  const input = (name: string) => kerasLayer("InputLayer", name, { batch_shape: [null, 4, 4, 1] });
  const conv = { filters: 2, kernel_size: [3, 3], use_bias: false, activation: "linear" };
  const inner = {
    name: "inner",
    layers: [
      input("inner_input"),
      kerasLayer("Conv2D", "conv", conv, history("inner_input", [null, 4, 4, 1])),
      kerasLayer("BatchNormalization", "norm", { axis: -1, epsilon: 1e-3 }, history("conv", [null, 2, 2, 2])),
    ],
    input_layers: ["inner_input", 0, 0],
    output_layers: ["norm", 0, 0],
  };
  const config = {
    name: "tiny",
    layers: [
      input("input"),
      kerasLayer("Divide", "divide", {}, history("input", [null, 4, 4, 1]), 2),
      kerasLayer("Functional", "inner", inner, history("divide", [null, 4, 4, 1])),
      kerasLayer("Flatten", "flatten", {}, history("inner", [null, 2, 2, 2])),
      kerasLayer("Dense", "dense", { units: 2, activation: "softmax" }, history("flatten", [null, 8])),
    ],
    input_layers: ["input", 0, 0],
    output_layers: ["dense", 0, 0],
  };
  return { class_name: "Functional", config };
}

const numbers = (shape: readonly number[], from: number): { tensor: Tensor } => {
  const filled = tensor(shape);
  filled.data.forEach((_, i) => {
    filled.data[i] = (from + i) / 8;
  });
  return { tensor: filled };
};

const values = {
  conv: { kernel: numbers([3, 3, 1, 2], -9) },
  norm: {
    gamma: numbers([2], 7),
    beta: numbers([2], -1),
    moving_mean: numbers([2], 1),
    moving_variance: numbers([2], 10),
  },
  dense: { kernel: numbers([8, 2], -8), bias: numbers([2], 3) },
};

/** The weights of `tinyConfig`, by `<layer>/<weight>`. */
export const tinyWeights: Readonly<Record<string, Tensor>> = Object.fromEntries(
  Object.entries(values).flatMap(([layer, weights]) =>
    Object.entries(weights).map(([name, value]) => [`${layer}/${name}`, value.tensor]),
  ),
);

/** `tinyConfig`'s weights in Keras 3's storage. */
export function tinyStore(): Hdf5Tree {
  const vars = (weights: Record<string, Hdf5Tree>) => ({
    members: { vars: { members: Object.fromEntries(Object.values(weights).map((value, i) => [String(i), value])) } },
  });
  const inner = {
    members: { layers: { members: { batch_normalization: vars(values.norm), conv2d: vars(values.conv) } } },
  };
  return { members: { layers: { members: { dense: vars(values.dense), functional: inner } } } };
}

/**
 * `tinyConfig` and its weights in the older format. The nested model is one layer; its trainable weights come first.
 */
export function tinyWhole(config = JSON.stringify(tinyConfig())): Hdf5Tree {
  const { gamma, beta, moving_mean, moving_variance } = values.norm;
  const inner = { conv: { members: values.conv }, norm: { members: { gamma, beta, moving_mean, moving_variance } } };
  const innerNames = ["conv/kernel", "norm/gamma", "norm/beta", "norm/moving_mean", "norm/moving_variance"];
  const layers: Record<string, Hdf5Tree> = {
    inner: { attributes: { weight_names: innerNames }, members: inner },
    dense: {
      attributes: { weight_names: ["tiny/dense/kernel", "tiny/dense/bias"] },
      members: { tiny: { members: { dense: { members: values.dense } } } },
    },
  };
  return {
    attributes: { keras_version: "3.15.1", backend: "jax", model_config: config },
    members: { model_weights: { attributes: { layer_names: Object.keys(layers) }, members: layers } },
  };
}

/** A `.keras` archive, without compression as Keras writes it. */
export function kerasArchive(config: Uint8Array | string, weights: Uint8Array): Uint8Array {
  const text = new TextEncoder();
  return zipSync(
    {
      "metadata.json": text.encode('{"keras_version": "3.15.1"}'),
      "config.json": typeof config === "string" ? text.encode(config) : config,
      "model.weights.h5": weights,
    },
    { level: 0, mtime: "2000-01-01" },
  );
}
