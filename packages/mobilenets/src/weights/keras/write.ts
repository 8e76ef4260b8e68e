import type { Node } from "../../graph/graph.ts";
import type { OutputFile } from "../format.ts";
import { type Hdf5Tree, writeHdf5 } from "../hdf5/write.ts";
import { layersWithWeights } from "../layer-weights.ts";
import type { WritableModel } from "../model-file.ts";

/**
 * A `.weights.h5` as Keras 3 writes it: `model.load_weights` takes it into a model with the same layers with weights,
 * class by class in the same order.
 */
export function writeKerasStore(model: WritableModel): OutputFile {
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
  // The model's own variables: it has none, but Keras 2.15 looks for them.
  return { bytes: writeHdf5({ members: { layers: { members: layers }, vars: {} } }), note: noteFor(model) };
}

/**
 * An `.h5` of weights as Keras 2 writes it, which Keras 3 and the TensorFlow.js converter read too: by order, or with
 * `by_name=True` by layers' names.
 */
export function writeKerasLegacy(model: WritableModel): OutputFile {
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
    // Files that say neither are taken for those of Keras 1, which laid weights out in other ways.
    backend: "tensorflow",
    keras_version: "2.15.0",
  };
  return { bytes: writeHdf5(root), note: noteFor(model) };
}

/** Keras' files of weights have no place for the rest of a model. */
function noteFor({ program, labels }: WritableModel): string {
  const [height, width] = program.graph.input.shape.slice(1);
  const names = labels.length > 0 ? `, nor the ${labels.length} labels` : "";
  return `it holds weights alone: not the input size (${height}x${width}) nor how pictures are cropped and normalised${names}`;
}

/** Keras' own limit for a list in one attribute; longer ones go into `name0`, `name1`, ... */
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

/** The part of a tree at a path, made where it is missing: layers of older models have names such as `Conv/BatchNorm`. */
function grow(tree: MutableTree, path: string): MutableTree {
  return path.split("/").reduce((parent, name) => {
    parent.members[name] ??= emptyTree();
    return parent.members[name];
  }, tree);
}

/** Without a prototype: a layer may be called `constructor`. */
function emptyTree(): MutableTree {
  return { members: Object.create(null) };
}
