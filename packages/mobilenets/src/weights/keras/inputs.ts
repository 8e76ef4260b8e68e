import { show } from "../../show.ts";
import type { KerasLayer } from "./layer.ts";

/** Inputs of a functional model's layer. */
export interface LayerInputs {
  /** Names of the layers that make the inputs. */
  readonly names: readonly string[];
  /** The number in arithmetic such as `x + 3` and `x * 0.5`. */
  readonly constant?: number | readonly number[];
  /** Whether the number comes before the operator, as in `1 - x`. */
  readonly first?: boolean;
}

/** Arguments of a call that have no effect on inference. */
const NO_EFFECT: readonly string[] = ["training", "mask", "name"];

/**
 * A layer's inputs in the form of Keras 2, `[[["conv1", 0, 0, {}]]]`, or of Keras 3, `[{ args: [tensor], kwargs: {} }]`
 * with tensors that name their layer.
 */
export function inputsOf(layer: KerasLayer): LayerInputs {
  const calls = layer.json.inbound_nodes;
  if (!Array.isArray(calls)) return layer.refuse(`inbound_nodes ${show(calls)}`, "a list");
  if (calls.length !== 1) return layer.refuse(`used ${calls.length} times`, "once", "shared layers are not supported");
  const [call] = calls;
  if (!Array.isArray(call)) return ofArguments(layer, call);
  // Arithmetic of TensorFlow functions has its one reference directly, without a list around it.
  if (typeof call[0] === "string") return ofReferences(layer, calls);
  return ofReferences(layer, call);
}

/**
 * The layers of a model's outputs, with the outputs' names: `["act", 0, 0]`, inside a list in Keras 2, or several in a
 * list or by name.
 */
export function outputsOf(model: KerasLayer): readonly { readonly name: string; readonly layer: string }[] {
  const outputs = model.config.output_layers;
  const one = (reference: unknown, name?: string) => {
    const layer = referenced(model, reference);
    return { name: name ?? layer, layer };
  };
  if (isObject(outputs)) return Object.entries(outputs).map(([name, reference]) => one(reference, name));
  if (!Array.isArray(outputs)) return model.refuse(`output_layers ${show(outputs)}`, "a list");
  return typeof outputs[0] === "string" ? [one(outputs)] : outputs.map((reference) => one(reference));
}

/** References of Keras 2: `["layer", node, tensor, keywords]` each. */
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

/** A call's arguments in Keras 3, with tensors or lists of tensors among them. */
function ofArguments(layer: KerasLayer, call: unknown): LayerInputs {
  const { args, kwargs = {} } = isObject(call) ? call : {};
  if (!Array.isArray(args) || !isObject(kwargs)) return layer.refuse(`a call ${show(call)}`, "args and kwargs");
  checkKeywords(layer, kwargs);
  const constants = args.map(constantIn);
  const numbers = constants.filter((constant) => constant !== undefined);
  if (numbers.length > 1 || (numbers.length === 1 && args.length !== 2)) {
    return layer.refuse(`arguments ${show(args)}`, "a tensor, and perhaps a number");
  }
  const tensors = args.filter((_, i) => constants[i] === undefined).flat();
  const names = tensors.map((tensor) => {
    const { config } = isObject(tensor) ? tensor : {};
    const { keras_history: history } = isObject(config) ? config : {};
    return referenced(layer, history);
  });
  return { names, constant: numbers[0], ...(constants[0] !== undefined && { first: true }) };
}

/** A number, or an array of numbers: `{ class_name: "__numpy__", config: { value } }`. */
function constantIn(arg: unknown): number | readonly number[] | undefined {
  if (typeof arg === "number") return arg;
  const { class_name: kind, config } = isObject(arg) ? arg : {};
  if (kind !== "__numpy__" && kind !== "__tensor__") return undefined;
  const value = isObject(config) ? [config.value].flat(8) : [];
  return value.length > 0 && value.every((n) => typeof n === "number") ? (value as number[]) : undefined;
}

function checkKeywords(layer: KerasLayer, keywords: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(keywords)) {
    if (value === null || NO_EFFECT.includes(key)) continue;
    layer.refuse(`an argument ${show(key)} with value ${show(value)}`, "tensors alone");
  }
}

/**
 * The layer in `[layer, node, tensor]`. The node counts the layer's uses. Each layer has one use, so the number (0, but 1
 * for a nested model, whose construction counts) is irrelevant.
 */
function referenced(layer: KerasLayer, reference: unknown): string {
  const [name, node, tensor] = Array.isArray(reference) ? reference : [];
  if (typeof name === "string" && Number.isInteger(node) && tensor === 0) return name;
  return layer.refuse(`a reference ${show(reference)}`, '["layer", 0, 0]');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
