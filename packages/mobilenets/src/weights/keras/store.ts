import { derived } from "../../deferred.ts";
import { WeightsError } from "../../errors.ts";
import { batchNormalization } from "../../graph/ops/batch_normalization.ts";
import { conv2d } from "../../graph/ops/conv2d.ts";
import { dense } from "../../graph/ops/dense.ts";
import { depthwiseConv2d } from "../../graph/ops/depthwise_conv2d.ts";
import { layerNormalization } from "../../graph/ops/layer_normalization.ts";
import type { Tensor } from "../../tensor.ts";
import { asList } from "../containers/json.ts";
import type { LayerKind, LayerWeights } from "../match/layer-weights.ts";
import { KerasLayer, MODEL_CLASSES } from "./layer.ts";
import type { Traces } from "./settle-flavor.ts";
import type { WeightTree } from "./weight-tree.ts";

interface StoredClass {
  readonly kind: LayerKind;
  /** Names of the weights 0, 1, ... */
  readonly weights: readonly string[];
}

/**
 * The `.weights.h5` of Keras 3, also inside of `.keras`, numbers layers by class: the third batch norm of a model is
 * `layers/batch_normalization_2`, and its weights are `vars/0` to `vars/3` there. So the file alone keeps no order
 * between layers of different classes; a config does.
 *
 * These are the classes with weights that MobileNets and models around them have, by the name Keras makes of the class,
 * which is mostly our op's.
 */
const storedClasses: ReadonlyMap<string, StoredClass> = new Map([
  [conv2d.name, { kind: "conv", weights: ["kernel", "bias"] }],
  [depthwiseConv2d.name, { kind: "depthwise", weights: ["depthwise_kernel", "bias"] }],
  [dense.name, { kind: "conv", weights: ["kernel", "bias"] }],
  [batchNormalization.name, { kind: "norm", weights: ["gamma", "beta", "moving_mean", "moving_variance"] }],
  ["separable_conv2d", { kind: "conv", weights: ["depthwise_kernel", "pointwise_kernel", "bias"] }],
  [layerNormalization.name, { kind: "norm", weights: ["gamma", "beta"] }],
  ["p_re_lu", { kind: "norm", weights: ["alpha"] }],
  // The count of pictures that it has seen is not a floating-point number.
  ["normalization", { kind: "norm", weights: ["mean", "variance"] }],
]);

/** What Keras makes of a class's name: `DepthwiseConv2D` is `depthwise_conv2d`, `ReLU` is `re_lu`. */
function storedName(className: string): string {
  const words = className.replaceAll(/\W+/g, "").replaceAll(/(.)([A-Z][a-z]+)/g, "$1_$2");
  return words.replaceAll(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
}

/** Where the layers are; TensorFlow 2.12 and 2.13 had another name for it. */
export function storeOf(root: WeightTree): WeightTree | undefined {
  return root.get("layers") ?? root.get("_layer_checkpoint_dependencies");
}

/** The layers with weights in the order of a config, those of models in the model in their place. */
export async function layersByConfig(
  store: WeightTree,
  config: unknown,
  where: string,
): Promise<readonly LayerWeights[]> {
  const model = new KerasLayer(config, where);
  const uses = new Map<string, number>();
  const layers: LayerWeights[] = [];
  for (const json of asList(model.config.layers, `${where}: ${model.name}`, "layers")) {
    const layer = new KerasLayer(json, where);
    const stored = storedName(layer.className);
    const count = uses.get(stored) ?? 0;
    uses.set(stored, count + 1);
    const group = store.get(count === 0 ? stored : `${stored}_${count}`);
    const known = storedClasses.get(stored);
    if (MODEL_CLASSES.includes(layer.className)) {
      // The store has nothing of a model without layers with weights.
      const inner = group && storeOf(group);
      if (inner) layers.push(...(await layersByConfig(inner, json, where)));
    } else if (known) {
      if (group) layers.push(...(await readLayer(group, layer.name, known, where)));
      // A normalization by numbers of the config has none in the file.
      else if (stored !== "normalization") layer.refuse("no such layer among the file's weights");
    }
  }
  return layers;
}

/** The layers with weights of each class, in order; by our op's name. */
export type LayersByOp = ReadonlyMap<string, readonly LayerWeights[]>;

/**
 * @param skipModels leaves models in the model out
 * @throws WeightsError for a store with layers whose place only a config could tell
 */
export async function layersByOp(store: WeightTree, where: string, skipModels = false): Promise<LayersByOp> {
  const numbered = new Map<string, { index: number; layer: LayerWeights }[]>();
  for (const name of store.names) {
    const [, stored, number = "0"] = /^(.+?)(?:_(\d+))?$/.exec(name) ?? [name, name];
    const group = store.get(name) as WeightTree;
    const known = storedClasses.get(stored);
    if (known) {
      const layers = numbered.get(stored) ?? [];
      for (const layer of await readLayer(group, ownName(group) ?? name, known, where)) {
        layers.push({ index: Number(number), layer });
      }
      numbered.set(stored, layers);
    } else if ((storeOf(group) && !skipModels) || (await varsOf(group)).length > 0) {
      throw new WeightsError({
        where: `${where}: ${name}`,
        found: storeOf(group) ? "a model in the model" : "a layer with weights of its own",
        expected: "the layers of a MobileNet, side by side",
        hint: "weights alone do not say how such a model is put together: save it whole, as .keras",
      });
    }
  }
  return new Map(
    [...numbered].map(([op, layers]) => [op, layers.sort((a, b) => a.index - b.index).map(({ layer }) => layer)]),
  );
}

/** The layers of a store, those without weights too, which Keras keeps an empty group for. */
export function tracesOfStore(store: WeightTree): Traces {
  const classOf = (name: string) => name.replace(/_\d+$/, "");
  const names = store.names.flatMap((name) => ownName(store.get(name) as WeightTree) ?? []);
  const pads = store.names.filter((name) => classOf(name) === "zero_padding2d").length;
  const weightless = store.names.some((name) => !storedClasses.has(classOf(name)));
  return { names, ...(weightless && { pads }) };
}

/** Classes of the layers without weights that a store lists, each as often as it has some. */
export function weightlessOf(store: WeightTree): readonly string[] {
  const classes = store.names.filter((name) => !storeOf(store.get(name) as WeightTree));
  return classes.map((name) => name.replace(/_\d+$/, "")).filter((name) => !storedClasses.has(name));
}

/** What the layer was called in the model; Keras before 3.9 does not say. */
function ownName(group: WeightTree): string | undefined {
  return group.get("vars")?.texts("name")?.[0];
}

/** Of kernels that are kept in other numbers. */
export const QUANTISED =
  "are its weights quantised to 4 bits or to float8, or kept in bfloat16? Save the model in float32, or quantised to int8";

/** It is empty for a layer without weights, such as a normalization by numbers of the config. */
async function readLayer(
  group: WeightTree,
  name: string,
  { kind, weights }: StoredClass,
  where: string,
): Promise<readonly LayerWeights[]> {
  const values = await varsOf(group);
  if (values.length === 0 && weights[0] === "mean") return [];
  if (values.length === 0 || values.length > weights.length) {
    const found = `${values.length} weights`;
    const expected = `${weights.join(", ")} at most`;
    throw new WeightsError({ where: `${where}: ${name}`, found, expected, hint: QUANTISED });
  }
  return [{ name, kind, tensors: named({ kind, weights }, values) }];
}

/**
 * A layer that a model of a class of its own keeps under the name of an attribute: its class is told by its weights' shapes.
 * Undefined for one without weights.
 */
export async function layerOfAttribute(
  group: WeightTree,
  name: string,
  where: string,
): Promise<LayerWeights | undefined> {
  const values = await varsOf(group);
  if (values.length === 0) return undefined;
  const ranks = values.map(({ shape }) => shape.length).join();
  const op = { "2": dense, "2,1": dense, "1,1,1,1": batchNormalization, "1,1": layerNormalization }[ranks];
  const known = op && storedClasses.get(op.name);
  if (known) return { name: ownName(group) ?? name, kind: known.kind, tensors: named(known, values) };
  throw new WeightsError({
    where: `${where}: ${name}`,
    found: `weights of ${ranks.replaceAll(",", ", ")} axes`,
    expected: "a dense layer or a norm",
    hint: OWN_CLASS,
  });
}

/** The way out for models that no config describes. */
export const OWN_CLASS =
  "a model of a class of its own says how it computes in its code alone: model.export(folder) and TensorFlow's converters " +
  "(TFLite, TensorFlow.js), or keras.Model(inputs, model.call(inputs)) saved as .keras, have it";

const named = ({ weights }: StoredClass, values: readonly Tensor[]) =>
  Object.fromEntries(values.map((value, i) => [weights[i], value]));

/** The tensors `vars/0`, `vars/1`, ...; a kernel of bytes, which its scale follows at the end, as the reals it stands for. */
async function varsOf(group: WeightTree): Promise<readonly Tensor[]> {
  const vars = group.get("vars");
  const tensors: Tensor[] = [];
  const quantised = await vars?.get("0")?.int8();
  if (quantised) tensors.push(quantised);
  for (let i = tensors.length; vars; i++) {
    const tensor = await vars.get(String(i))?.tensor();
    if (!tensor) break;
    tensors.push(tensor);
  }
  const [kernel, ...rest] = tensors;
  const scale = rest.pop();
  if (!quantised || !scale) return tensors;
  // Keras' scales are steps in a unit: it divides by them.
  const columns = scale.data.length;
  return [derived(kernel, kernel.shape, (data) => data.map((x, i) => x / scale.data[i % columns])), ...rest];
}
