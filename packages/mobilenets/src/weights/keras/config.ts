import { GraphBuilder } from "../../graph/builder.ts";
import type { Graph } from "../../graph/graph.ts";
import { subgraph } from "../../graph/subgraph.ts";
import { show } from "../../show.ts";
import type { Shape } from "../../tensor.ts";
import { asList } from "../containers/json.ts";
import { chosenOutput } from "../outputs.ts";
import { inputsOf, outputsOf } from "./inputs.ts";
import { KerasLayer, MODEL_CLASSES } from "./layer.ts";
import { addArithmetic, addKerasLayer, type Constant } from "./layers.ts";
import { type KerasProgram, KerasProgramBuilder } from "./program.ts";

/** Most layers of a model. Finding their order takes quadratic time. */
const MAX_LAYERS = 2000;

/** Height and width of pictures for a model that takes any size. */
const USUAL_SIZE = 224;

/**
 * Makes a graph from the config of a Keras functional or Sequential model, as Keras 2, Keras 3 and TensorFlow.js write it.
 * Nested models are inlined. Pictures are 224x224 if the config leaves their size open.
 *
 * @param json `{ class_name, config }`
 * @param where names the file in errors
 * @throws WeightsError for an unsupported layer, option or topology; it names the layer
 * @throws GraphError for a layer whose inputs do not fit; it names the layer
 */
export function graphOfKerasConfig(json: unknown, where: string): Graph {
  return programOfKerasConfig(json, where).graph;
}

/**
 * The same, with the places of the file's weights in the graph.
 * @param asked the output to take if there are several
 */
export function programOfKerasConfig(json: unknown, where: string, asked?: string | number): KerasProgram {
  const model = new KerasLayer(json, where);
  if (!isModel(model)) model.refuse(`a model of class ${model.className}`, MODEL_CLASSES.join(" or "));
  const input = inputLayerOf(model, where);
  const inputName = input.className === "InputLayer" ? input.name : `${input.name}_input`;
  const b = new KerasProgramBuilder(new GraphBuilder(model.name, pictureShape(input), inputName));
  const outputs = isSequential(model) ? [] : outputsOf(model);
  const { index, notes } = chosenOutput(
    outputs.length > 0 ? outputs.map(({ name }) => name) : [model.name],
    asked,
    where,
  );
  const program = b.build(addModel(b, model, inputName, where, outputs[index]?.layer));
  // Drops the layers of the other outputs.
  const graph = outputs.length > 1 ? subgraph(program.graph, program.graph.outputs) : program.graph;
  return { ...program, graph, ...(notes && { notes }) };
}

function isModel(layer: KerasLayer): boolean {
  return MODEL_CLASSES.includes(layer.className);
}

function isSequential(model: KerasLayer): boolean {
  return model.className === "Sequential";
}

function layersOf(model: KerasLayer, where: string): KerasLayer[] {
  const layers = asList(model.config.layers, `${where}: ${model.name}`, "layers");
  if (layers.length > MAX_LAYERS) model.refuse(`${layers.length} layers`, `${MAX_LAYERS} at most`);
  return layers.map((json) => new KerasLayer(json, where));
}

/** The layer with the input's shape: an InputLayer, or a Sequential model's first layer. */
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

/** `[height, width, channels]` of a layer with `batch_input_shape` (Keras 3: `batch_shape`). */
function pictureShape(layer: KerasLayer): Shape {
  const shape = layer.config.batch_input_shape ?? layer.config.batch_shape;
  const isSize = (n: unknown) => Number.isSafeInteger(n) && (n as number) > 0;
  if (Array.isArray(shape) && shape.length === 4) {
    const [, height, width, channels] = shape;
    if (channels === 1 || channels === 3) {
      if (isSize(height) && isSize(width)) return [height, width, channels];
      if (height === null && width === null) return [USUAL_SIZE, USUAL_SIZE, channels];
    }
  }
  return layer.refuse(
    shape === undefined ? "no batch_input_shape" : `input shape ${show(shape)}`,
    "[null, height, width, channels] with 1 or 3 channels, and sizes that are both fixed or both open",
    "a network of this package can be loaded by its name with this file as its weights",
  );
}

/**
 * Adds a model's layers and returns the name of its output's value.
 * @param result the output's layer; default: that of the model's only output
 */
function addModel(b: KerasProgramBuilder, model: KerasLayer, input: string, where: string, result?: string): string {
  const layers = layersOf(model, where).filter((layer) => layer.className !== "InputLayer");
  if (isSequential(model)) return layers.reduce((value, layer) => addLayer(b, layer, [value], where), input);

  const values = new Map([[inputLayerOf(model, where).name, input]]);
  // A config may list layers in any order: the loop repeats over layers that wait for an input.
  for (let waiting = layers; waiting.length > 0; ) {
    const before = waiting.length;
    waiting = waiting.filter((layer) => {
      const { names, constant, first } = inputsOf(layer);
      const inputs = names.map((name) => values.get(name));
      if (!inputs.every((value) => value !== undefined)) return true;
      values.set(
        layer.name,
        addLayer(b, layer, inputs, where, constant === undefined ? undefined : { constant, first }),
      );
      return false;
    });
    if (waiting.length === before)
      waiting[0].refuse(`inputs ${show(inputsOf(waiting[0]).names)}`, "layers that the input reaches");
  }
  const [only, ...others] = outputsOf(model);
  if (!only || (others.length > 0 && result === undefined))
    model.refuse(`${1 + others.length} outputs of a nested model`, "1");
  const output = result ?? only.layer;
  return values.get(output) ?? model.refuse(`output ${show(output)}`, "one of its layers");
}

/** @param constant the number in arithmetic with a constant */
function addLayer(
  b: KerasProgramBuilder,
  layer: KerasLayer,
  inputs: readonly string[],
  where: string,
  constant?: Constant,
): string {
  if (constant !== undefined) return addArithmetic(b, layer, inputs, constant);
  if (!isModel(layer)) return addKerasLayer(b, layer, inputs);
  if (inputs.length !== 1) layer.refuse(`${inputs.length} inputs`, "1");
  return addModel(b, layer, inputs[0], where);
}
