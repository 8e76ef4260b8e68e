import { show } from "../../show.ts";
import type { KerasLayer } from "./layer.ts";

/** What a layer of a functional model is called with. */
export interface LayerInputs {
  /** Names of layers whose results it takes. */
  readonly names: readonly string[];
  /** The number in `x + 3`, `x * 0.5` and the like. */
  readonly constant?: number;
}

/** Arguments of a call that change nothing at inference, or that are left out. */
const NO_EFFECT: readonly string[] = ["training", "mask", "name"];

/**
 * A layer's inputs, as Keras 2 lists them, `[[["conv1", 0, 0, {}]]]`, or as Keras 3 does,
 * `[{ args: [tensor], kwargs: {} }]` with tensors that name the layer they come from.
 */
export function inputsOf(layer: KerasLayer): LayerInputs {
  const calls = layer.json.inbound_nodes;
  if (!Array.isArray(calls)) return layer.refuse(`inbound_nodes ${show(calls)}`, "a list");
  if (calls.length !== 1) return layer.refuse(`used ${calls.length} times`, "once", "shared layers are not supported");
  const [call] = calls;
  if (!Array.isArray(call)) return ofArguments(layer, call);
  // The arithmetic of TensorFlow functions has its one reference right here, without a list around it.
  if (typeof call[0] === "string") return ofReferences(layer, calls);
  return ofReferences(layer, call);
}

/** The layer that makes a model's result: `["act", 0, 0]`, in a list of its own in Keras 2. */
export function outputOf(model: KerasLayer): string {
  const outputs = model.config.output_layers;
  if (!Array.isArray(outputs)) return model.refuse(`output_layers ${show(outputs)}`, "a list");
  const [first] = outputs;
  if (typeof first !== "string" && outputs.length !== 1) model.refuse(`output_layers ${show(outputs)}`, "one");
  return referenced(model, typeof first === "string" ? outputs : first);
}

/** Keras 2: `["layer", node, tensor, keywords]` each. */
function ofReferences(layer: KerasLayer, references: readonly unknown[]): LayerInputs {
  let constant: number | undefined;
  const names = references.map((reference) => {
    const keywords: unknown = Array.isArray(reference) ? reference[3] : undefined;
    const { y, ...rest } = isObject(keywords) ? keywords : {};
    if (typeof y === "number") constant = y;
    else if (y !== undefined) layer.refuse(`an argument ${show(y)}`, "a number");
    checkKeywords(layer, rest);
    return referenced(layer, reference);
  });
  return { names, constant };
}

/** Keras 3: a call's arguments, among them tensors or lists of tensors. */
function ofArguments(layer: KerasLayer, call: unknown): LayerInputs {
  const { args, kwargs = {} } = isObject(call) ? call : {};
  if (!Array.isArray(args) || !isObject(kwargs)) return layer.refuse(`a call ${show(call)}`, "args and kwargs");
  checkKeywords(layer, kwargs);
  const numbers = args.filter((arg) => typeof arg === "number");
  // In `1 - x` the number comes first, which only addition and multiplication forgive; those write it second.
  if (numbers.length > 1 || (numbers.length === 1 && typeof args[1] !== "number")) {
    return layer.refuse(`arguments ${show(args)}`, "a tensor, and perhaps a number after it");
  }
  const tensors = args.filter((arg) => typeof arg !== "number").flat();
  const names = tensors.map((tensor) => {
    const { config } = isObject(tensor) ? tensor : {};
    const { keras_history: history } = isObject(config) ? config : {};
    return referenced(layer, history);
  });
  return { names, constant: numbers[0] };
}

function checkKeywords(layer: KerasLayer, keywords: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(keywords)) {
    if (value === null || NO_EFFECT.includes(key)) continue;
    layer.refuse(`an argument ${show(key)} with value ${show(value)}`, "tensors alone");
  }
}

/**
 * The layer in `[layer, node, tensor]`. The node counts the layer's uses; as each has one, its number (0, but 1 for a
 * nested model, whose own making counts) says nothing.
 */
function referenced(layer: KerasLayer, reference: unknown): string {
  const [name, node, tensor] = Array.isArray(reference) ? reference : [];
  if (typeof name === "string" && Number.isInteger(node) && tensor === 0) return name;
  return layer.refuse(`a reference ${show(reference)}`, '["layer", 0, 0]');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
