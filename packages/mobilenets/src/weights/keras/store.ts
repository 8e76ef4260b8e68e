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
 * The `.weights.h5` of Keras 3, also inside `.keras`, numbers layers by class: the third batch norm of a model is
 * `layers/batch_normalization_2`, with weights `vars/0` to `vars/3`. The file alone has no order between layers of
 * different classes; a config has.
 *
 * These are the classes with weights in MobileNets and models around them, by Keras' name for the class, which is usually
 * our op's.
 */
const storedClasses: ReadonlyMap<string, StoredClass> = new Map([
  [conv2d.name, { kind: "conv", weights: ["kernel", "bias"] }],
  [depthwiseConv2d.name, { kind: "depthwise", weights: ["depthwise_kernel", "bias"] }],
  [dense.name, { kind: "conv", weights: ["kernel", "bias"] }],
  [batchNormalization.name, { kind: "norm", weights: ["gamma", "beta", "moving_mean", "moving_variance"] }],
  ["separable_conv2d", { kind: "conv", weights: ["depthwise_kernel", "pointwise_kernel", "bias"] }],
  [layerNormalization.name, { kind: "norm", weights: ["gamma", "beta"] }],
  ["p_re_lu", { kind: "norm", weights: ["alpha"] }],
  // Its count of pictures is not a floating-point number.
  ["normalization", { kind: "norm", weights: ["mean", "variance"] }],
]);

/** Keras' stored form of a class name: `DepthwiseConv2D` is `depthwise_conv2d`, `ReLU` is `re_lu`. */
function storedName(className: string): string {
  const words = className.replaceAll(/\W+/g, "").replaceAll(/(.)([A-Z][a-z]+)/g, "$1_$2");
  return words.replaceAll(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
}

/** The group of the layers; TensorFlow 2.12 and 2.13 had another name for it. */
export function storeOf(root: WeightTree): WeightTree | undefined {
  return root.get("layers") ?? root.get("_layer_checkpoint_dependencies");
}

/** The layers with weights in the order of a config, with those of nested models in place. */
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
      // The store has no entry for a model without weights.
      const inner = group && storeOf(group);
      if (inner) layers.push(...(await layersByConfig(inner, json, where)));
    } else if (known) {
      if (group) layers.push(...(await readLayer(group, layer.name, known, where)));
      // A normalization with numbers in the config has none in the file.
      else if (stored !== "normalization") layer.refuse("no such layer among the file's weights");
    }
  }
  return layers;
}

/** The layers with weights in order, by our op's name. */
export type LayersByOp = ReadonlyMap<string, readonly LayerWeights[]>;

/**
 * @param skipModels leaves nested models out
 * @throws WeightsError for a store with layers whose place only a config has
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
        found: storeOf(group) ? "a nested model" : "a custom layer with weights",
        expected: "the layers of a MobileNet, side by side",
        hint: "a weights-only file does not describe such a model: save the whole model as .keras",
      });
    }
  }
  return new Map(
    [...numbered].map(([op, layers]) => [op, layers.sort((a, b) => a.index - b.index).map(({ layer }) => layer)]),
  );
}

/** The traces of a store's layers, including those without weights, which have an empty group. */
export function tracesOfStore(store: WeightTree): Traces {
  const classOf = (name: string) => name.replace(/_\d+$/, "");
  const names = store.names.flatMap((name) => ownName(store.get(name) as WeightTree) ?? []);
  const pads = store.names.filter((name) => classOf(name) === "zero_padding2d").length;
  const weightless = store.names.some((name) => !storedClasses.has(classOf(name)));
  return { names, ...(weightless && { pads }) };
}

/** Classes of the layers without weights in a store, one entry per layer. */
export function weightlessOf(store: WeightTree): readonly string[] {
  const classes = store.names.filter((name) => !storeOf(store.get(name) as WeightTree));
  return classes.map((name) => name.replace(/_\d+$/, "")).filter((name) => !storedClasses.has(name));
}

/** The layer's name in the model; versions before Keras 3.9 do not store it. */
function ownName(group: WeightTree): string | undefined {
  return group.get("vars")?.texts("name")?.[0];
}

/** Error text for quantised kernels. */
export const QUANTISED =
  "are its weights quantised to 4 bits or to float8, or kept in bfloat16? Save the model in float32, or quantised to int8";

/** Reads a layer's weights; empty for a layer without any, such as a normalization with numbers in the config. */
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
 * Reads a layer that a custom class has under an attribute's name; the weights' shapes determine its class. Undefined for
 * a layer without weights.
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

/** A hint for models without a usable config. */
export const OWN_CLASS =
  "only the code of a custom class says how the model computes: convert it with model.export(folder) and TensorFlow's " +
  "converters (TFLite, TensorFlow.js), or save keras.Model(inputs, model.call(inputs)) as .keras";

const named = ({ weights }: StoredClass, values: readonly Tensor[]) =>
  Object.fromEntries(values.map((value, i) => [weights[i], value]));

/** The tensors `vars/0`, `vars/1`, ...; a kernel of bytes becomes real numbers by its scale, which is the last tensor. */
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
  // Keras divides by its scales.
  const columns = scale.data.length;
  return [derived(kernel, kernel.shape, (data) => data.map((x, i) => x / scale.data[i % columns])), ...rest];
}
