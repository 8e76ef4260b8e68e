import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";
import type { Tensor, TensorData } from "../../tensor.ts";
import type { JsonObject } from "../containers/json.ts";
import type { Wanted } from "../format.ts";
import { modelOf } from "../keras/read-h5.ts";
import { PathTree } from "../keras/weight-tree.ts";
import type { WeightFile } from "../weight-file.ts";

type Tensors = Readonly<Record<string, Tensor<TensorData>>>;

/** The path of a layer's weight in Keras 3's weights files. */
const STORED = /^(layers|_layer_checkpoint_dependencies)\/.+\/vars\/\d+$/;

/**
 * Reads a layers model that tensorflowjs converted from a Keras 3 file: weights have their paths in `model.weights.h5`, or
 * the names of the older `.h5`, in which depthwise kernels are named `kernel` like others.
 *
 * @throws WeightsError for weights without a layer in the config
 */
export function readKeras3(config: unknown, tensors: Tensors, wanted: Wanted, where: string): Promise<WeightFile> {
  const names = Object.keys(tensors);
  const root = names.some((name) => STORED.test(name)) ? storeOf(tensors) : listOf(config, tensors, where);
  return modelOf(root, config, wanted, where);
}

function storeOf(tensors: Tensors): PathTree {
  const root = new PathTree();
  for (const [name, tensor] of Object.entries(tensors)) root.add(name, tensor);
  return root;
}

/** Builds the tree of an older file: a group per layer, each with the list of its weights. */
function listOf(config: unknown, tensors: Tensors, where: string): PathTree {
  const known = layerNames(config);
  const layers = new Map<string, string[]>();
  for (const name of Object.keys(tensors)) {
    const layer = name.slice(0, Math.max(name.lastIndexOf("/"), 0));
    if (!known.has(layer.slice(layer.lastIndexOf("/") + 1))) {
      throw new WeightsError({
        where,
        found: `weights ${show(name)} without a layer`,
        expected: "names of the model's layers",
      });
    }
    layers.set(layer, [...(layers.get(layer) ?? []), name]);
  }
  const root = new PathTree({ layer_names: [...layers.keys()] });
  for (const [layer, names] of layers) {
    const group = new PathTree({ weight_names: names });
    for (const name of names) group.add(name, tensors[name]);
    root.put(layer, group);
  }
  return root;
}

/** Names of a model's layers, including those of nested models. */
function layerNames(config: unknown, names = new Set<string>(), depth = 0): ReadonlySet<string> {
  const { layers } = ((config as JsonObject | null)?.config ?? {}) as JsonObject;
  if (!Array.isArray(layers) || depth > 8) return names;
  for (const layer of layers as readonly JsonObject[]) {
    const { name } = (layer?.config ?? {}) as JsonObject;
    if (typeof name === "string") names.add(name);
    layerNames(layer, names, depth + 1);
  }
  return names;
}
