import { WeightsError } from "../../errors.ts";
import { show } from "../../show.ts";
import type { Tensor } from "../../tensor.ts";
import type { LayerWeights } from "../match/layer-weights.ts";
import type { Traces } from "./settle-flavor.ts";
import type { WeightTree } from "./weight-tree.ts";

/** The group that lists layers: the root, or the weights' part of a full model's file. */
export function legacyGroup(root: WeightTree): WeightTree | undefined {
  return [root, root.get("model_weights")].find((group) => group && listOf(group, "layer_names"));
}

/**
 * Reads the layers with weights of a file of Keras 1 or 2, or of Keras 3 with the plain extension `.h5`: a group per
 * layer, in the order of the list `layer_names`, which is that of the data. A nested model is one such layer; the result
 * has its layers instead.
 */
export async function readLegacyLayers(group: WeightTree, where: string): Promise<readonly LayerWeights[]> {
  const layers: LayerWeights[] = [];
  for (const layer of listOf(group, "layer_names") ?? []) {
    const member = group.get(layer);
    const names = member && listOf(member, "weight_names");
    if (!names) {
      const found = member ? "no list of weights" : "listed, but no group in the file";
      throw new WeightsError({ where: `${where}: ${layer}`, found });
    }
    const owners = await ownersOf(member, names, `${where}: ${layer}`);
    for (const [owner, tensors] of owners) {
      layers.push(layerWeights(owners.size === 1 ? layer : owner, tensors, layers.length === 0));
    }
  }
  return layers;
}

/** The traces of the layers that a file lists, including those without weights. */
export function tracesOfLegacy(root: WeightTree, group: WeightTree): Traces {
  const listed = listOf(group, "layer_names") ?? [];
  const names = listed.filter((layer) => (group.get(layer)?.texts("weight_names")?.length ?? 0) > 0);
  const [keras] = group.texts("keras_version") ?? root.texts("keras_version") ?? ["1.0"];
  const pads = listed.filter((layer) => /(^|_)(zero_padding2d|pad)(_\d+)?$/i.test(layer)).length;
  return { names, keras, ...(names.length < listed.length && { pads }) };
}

/** A list of texts, which is split into `name0`, `name1`, ... if it exceeds an attribute's limit. */
export function listOf(group: WeightTree, name: string): readonly string[] | undefined {
  const whole = group.texts(name);
  if (whole) return whole;
  const pieces: string[] = [];
  for (let i = 0; ; i++) {
    const piece = group.texts(`${name}${i}`);
    if (!piece) return i === 0 ? undefined : pieces;
    for (const text of piece) pieces.push(text);
  }
}

/** Tensors of a layer's group by owner: the layer, or nested layers. `conv1/kernel:0` is the `kernel` of `conv1`. */
async function ownersOf(group: WeightTree, names: readonly string[], where: string) {
  const owners = new Map<string, Record<string, Tensor>>();
  for (const path of names) {
    const dataset = group.get(path);
    if (!dataset) throw new WeightsError({ where, found: `weight ${show(path)} listed, but not in the file` });
    const tensor = await dataset.tensor();
    // Integers are the state of a random generator, which augmentation layers have.
    if (!tensor) continue;
    const slash = path.lastIndexOf("/");
    const owner = path.slice(0, Math.max(slash, 0));
    const weight = path.slice(slash + 1).replace(/:\d+$/, "");
    const tensors = owners.get(owner) ?? {};
    owners.set(owner, tensors);
    if (Object.hasOwn(tensors, weight)) throw new WeightsError({ where, found: `two weights ${show(path)}` });
    Object.defineProperty(tensors, weight, { value: tensor, enumerable: true });
  }
  return owners;
}

/**
 * Keras 3 calls the kernels of depthwise convolutions `kernel` too. In a MobileNet only they have a window, apart from
 * the first convolution.
 */
function layerWeights(name: string, tensors: Readonly<Record<string, Tensor>>, stem: boolean): LayerWeights {
  if (tensors.gamma) return { name, kind: "norm", tensors };
  if (tensors.depthwise_kernel) return { name, kind: "depthwise", tensors };
  const { kernel, ...rest } = tensors;
  const hasWindow = kernel?.shape.length === 4 && kernel.shape[0] * kernel.shape[1] > 1;
  if (!hasWindow || stem) return { name, kind: "conv", tensors };
  return { name, kind: "depthwise", tensors: { depthwise_kernel: kernel, ...rest } };
}
