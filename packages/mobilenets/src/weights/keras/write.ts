import { MobileNetsError, WeightsError } from "../../errors.ts";
import type { Activation } from "../../graph/activations.ts";
import type { Node } from "../../graph/graph.ts";
import { type Hdf5Tree, writeHdf5 } from "../containers/hdf5/write.ts";
import type { OutputFile } from "../format.ts";
import { layersWithWeights } from "../match/layer-weights.ts";
import type { WritableModel } from "../safetensors/model-file.ts";
import { sameGraph } from "./same-graph.ts";

/**
 * Writes a `.weights.h5` of Keras 3, which `model.load_weights` reads into a model with the same layers with weights in
 * the same order within each class.
 */
export async function writeKerasStore(model: WritableModel): Promise<OutputFile> {
  const layers: Record<string, Hdf5Tree> = {};
  const counts = new Map<string, number>();
  for (const node of layersWithWeights(model.program.graph)) {
    const count = counts.get(node.op) ?? 0;
    counts.set(node.op, count + 1);
    const vars = weightsOf(model, node).map(({ tensor }, i) => [String(i), { tensor }]);
    layers[count === 0 ? node.op : `${node.op}_${count}`] = {
      members: { vars: { attributes: { name: node.name }, members: Object.fromEntries(vars) } },
    };
  }
  // The model's own variables: there are none, but Keras 2.15 looks for the group.
  const bytes = writeHdf5({ members: { layers: { members: layers }, vars: {} } });
  await checkReadable(bytes, model);
  return { bytes, note: noteFor(model) };
}

/**
 * Writes an `.h5` of weights of Keras 2, which Keras 3 and the TensorFlow.js converter read too: by order, or with
 * `by_name=True` by layers' names.
 */
export async function writeKerasLegacy(model: WritableModel): Promise<OutputFile> {
  const nodes = layersWithWeights(model.program.graph);
  const root = emptyTree();
  for (const node of nodes) {
    const weights = weightsOf(model, node).map(({ name, tensor }) => ({ path: `${name}:0`, tensor }));
    const group = grow(root, node.name);
    group.attributes = { weight_names: weights.map(({ path }) => path) };
    for (const { path, tensor } of weights) grow(group, path).tensor = tensor;
  }
  root.attributes = {
    ...inPieces(
      "layer_names",
      nodes.map(({ name }) => name),
    ),
    // Files without these count as Keras 1, which had other layouts of weights.
    backend: "tensorflow",
    keras_version: "2.15.0",
  };
  const bytes = writeHdf5(root);
  await checkReadable(bytes, model);
  return { bytes, note: noteFor(model) };
}

/**
 * Checks that a reader can identify the model by weights alone, which works for our networks and some other heads.
 * @throws WeightsError for other models
 */
async function checkReadable(bytes: Uint8Array, { network, program: { graph } }: WritableModel): Promise<void> {
  if (network) return;
  const [height, width, channels] = graph.input.shape.slice(1);
  const last = graph.nodes.at(-1);
  const { activation = "linear" } = (last?.attrs ?? {}) as { activation?: Activation };
  const { readKerasH5 } = await import("./read-h5.ts");
  const wanted = { inputShape: [height, width, channels] as const, classifierActivation: activation };
  const none = async () => new Uint8Array();
  for (const options of [wanted, { ...wanted, includePreprocessing: false }]) {
    try {
      const back = await readKerasH5(bytes, graph.name, none, { options });
      if (back.graph && sameGraph(back.graph, graph)) return;
    } catch (error) {
      if (!MobileNetsError.is(error)) throw error;
    }
  }
  throw new WeightsError({
    where: graph.name,
    found: "a model with a custom head or front",
    expected: "a network of this package, or one with dense layers behind it: Keras' files hold only weights",
    hint: "convert it to safetensors, ONNX, TFLite or TensorFlow.js, which hold the whole model",
  });
}

/** The note on how to open the file: Keras' weights files hold nothing else of a model. */
function noteFor({ program, labels }: WritableModel): string {
  const [height, width] = program.graph.input.shape.slice(1);
  const names = labels.length > 0 ? `, nor the ${labels.length} labels` : "";
  return `it holds weights alone: not the input size (${height}x${width}) nor how pictures are cropped and normalised${names}`;
}

/** Keras' limit for a list in one attribute; longer ones go into `name0`, `name1`, ... */
const MAX_LIST_BYTES = 64512;

function inPieces(name: string, texts: readonly string[]): Record<string, readonly string[]> {
  const width = Math.max(1, ...texts.map((item) => new TextEncoder().encode(item).length));
  const length = Math.floor(MAX_LIST_BYTES / width);
  if (texts.length <= length) return { [name]: texts };
  const pieces = Array.from({ length: Math.ceil(texts.length / length) }, (_, i) => i);
  return Object.fromEntries(pieces.map((i) => [`${name}${i}`, texts.slice(i * length, (i + 1) * length)]));
}

/** A layer's weights in the op's order, which is Keras'. */
function weightsOf({ program: { graph, weights } }: WritableModel, { inputs }: Node) {
  const names = inputs.filter((name) => Object.hasOwn(graph.params, name));
  return names.map((name) => ({ name, tensor: weights[name] }));
}

interface MutableTree extends Hdf5Tree {
  attributes?: Hdf5Tree["attributes"];
  readonly members: Record<string, MutableTree>;
  tensor?: Hdf5Tree["tensor"];
}

/** The subtree at a path, created if missing: layers of older models have names such as `Conv/BatchNorm`. */
function grow(tree: MutableTree, path: string): MutableTree {
  return path.split("/").reduce((parent, name) => {
    parent.members[name] ??= emptyTree();
    return parent.members[name];
  }, tree);
}

/** A tree without a prototype, because a layer may be named `constructor`. */
function emptyTree(): MutableTree {
  return { members: Object.create(null) };
}
