import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import type { Shape } from "../tensor.ts";
import { asList } from "./json.ts";
import { KerasLayer } from "./keras-layer.ts";
import { addKerasLayer } from "./keras-layers.ts";
import { show } from "./show.ts";

/**
 * Makes a graph of the config of a Keras functional or Sequential model, as Keras 2 and TensorFlow.js write it.
 * Nested models are unfolded: their layers become layers of the one graph.
 *
 * @param json `{ class_name, config }`
 * @param where names the file in errors
 * @throws WeightsError for a layer, option or topology that this package does not have, naming the layer
 * @throws GraphError naming a layer whose inputs do not fit
 */
export function graphOfKerasConfig(json: unknown, where: string): Graph {
  const model = new KerasLayer(json, where);
  if (!isModel(model)) model.refuse(`a model of class ${model.className}`, MODEL_CLASSES.join(" or "));
  const input = inputLayerOf(model, where);
  const inputName = input.className === "InputLayer" ? input.name : `${input.name}_input`;
  const b = new GraphBuilder(model.name, pictureShape(input), inputName);
  return b.build(addModel(b, model, inputName, where));
}

/** `Model` is what Keras called `Functional` before 2.4. */
const MODEL_CLASSES: readonly string[] = ["Sequential", "Functional", "Model"];

function isModel(layer: KerasLayer): boolean {
  return MODEL_CLASSES.includes(layer.className);
}

function isSequential(model: KerasLayer): boolean {
  return model.className === "Sequential";
}

function layersOf(model: KerasLayer, where: string): KerasLayer[] {
  return asList(model.config.layers, `${where}: ${model.name}`, "layers").map((json) => new KerasLayer(json, where));
}

/** The layer that says what the input looks like: an InputLayer, or a Sequential model's first layer. */
function inputLayerOf(model: KerasLayer, where: string): KerasLayer {
  const layers = layersOf(model, where);
  if (!isSequential(model)) {
    const inputs = layers.filter((layer) => layer.className === "InputLayer");
    return inputs.length === 1 ? inputs[0] : model.refuse(`${inputs.length} inputs`, "1");
  }
  const [first] = layers;
  if (!first) return model.refuse("no layers");
  return isModel(first) ? inputLayerOf(first, where) : first;
}

/** `[height, width, channels]` of a layer that carries `batch_input_shape` (Keras 3: `batch_shape`). */
function pictureShape(layer: KerasLayer): Shape {
  const shape = layer.config.batch_input_shape ?? layer.config.batch_shape;
  const isSize = (n: unknown) => Number.isSafeInteger(n) && (n as number) > 0;
  if (Array.isArray(shape) && shape.length === 4) {
    const [, height, width, channels] = shape;
    if (isSize(height) && isSize(width) && (channels === 1 || channels === 3)) return [height, width, channels];
  }
  return layer.refuse(
    shape === undefined ? "no batch_input_shape" : `input shape ${show(shape)}`,
    "[null, height, width, channels] with fixed sizes and 1 or 3 channels",
    "a network of this package can be loaded by its name with this file as its weights",
  );
}

/** Adds a model's layers and returns the name of its output's value. */
function addModel(b: GraphBuilder, model: KerasLayer, input: string, where: string): string {
  const layers = layersOf(model, where).filter((layer) => layer.className !== "InputLayer");
  if (isSequential(model)) return layers.reduce((value, layer) => addLayer(b, layer, [value], where), input);

  const values = new Map([[inputLayerOf(model, where).name, input]]);
  // A config may list layers in any order: go over those that still wait for an input until none is left.
  for (let waiting = layers; waiting.length > 0; ) {
    const before = waiting.length;
    waiting = waiting.filter((layer) => {
      const inputs = inputsOf(layer).map((name) => values.get(name));
      if (!inputs.every((value) => value !== undefined)) return true;
      values.set(layer.name, addLayer(b, layer, inputs, where));
      return false;
    });
    if (waiting.length === before)
      waiting[0].refuse(`inputs ${show(inputsOf(waiting[0]))}`, "layers that the input reaches");
  }
  const output = outputOf(model);
  return values.get(output) ?? model.refuse(`output ${show(output)}`, "one of its layers");
}

function addLayer(b: GraphBuilder, layer: KerasLayer, inputs: readonly string[], where: string): string {
  if (!isModel(layer)) return addKerasLayer(b, layer, inputs);
  if (inputs.length !== 1) layer.refuse(`${inputs.length} inputs`, "1");
  return addModel(b, layer, inputs[0], where);
}

/** Names of the layers whose results a layer of a functional model takes: Keras 2's `[[["conv1", 0, 0, {}]]]`. */
function inputsOf(layer: KerasLayer): readonly string[] {
  const calls = layer.json.inbound_nodes;
  if (!Array.isArray(calls)) return layer.refuse(`inbound_nodes ${show(calls)}`, "a list");
  if (calls.length !== 1) return layer.refuse(`used ${calls.length} times`, "once", "shared layers are not supported");
  const [call] = calls;
  if (!Array.isArray(call)) return layer.refuse("inbound_nodes as Keras 3 writes them", "those of Keras 2");
  return call.map((reference) => referenced(layer, reference));
}

function outputOf(model: KerasLayer): string {
  const outputs = model.config.output_layers;
  if (Array.isArray(outputs) && outputs.length === 1) return referenced(model, outputs[0]);
  return model.refuse(`output_layers ${show(outputs)}`, "one");
}

/**
 * The layer in `[layer, node, tensor, keywords]`. The node counts the layer's uses; as each has one, its number (0, but
 * 1 for a nested model, whose own making counts) says nothing.
 */
function referenced(layer: KerasLayer, reference: unknown): string {
  const [name, node, tensor, keywords = {}] = Array.isArray(reference) ? reference : [];
  const plain = typeof name === "string" && Number.isInteger(node) && tensor === 0;
  if (plain && JSON.stringify(keywords) === "{}") return name;
  return layer.refuse(`a reference ${show(reference)}`, '["layer", 0, 0, {}]');
}
