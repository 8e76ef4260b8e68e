import { type Activation, activationNames } from "../../graph/activations.ts";
import { activation } from "../../graph/ops/activation.ts";
import { add } from "../../graph/ops/add.ts";
import { batchNormalization } from "../../graph/ops/batch_normalization.ts";
import { rescaling } from "../../graph/ops/rescaling.ts";
import { unary } from "../../graph/ops/unary.ts";
import type { UnaryFunction } from "../../graph/unary-functions.ts";
import { show } from "../../show.ts";
import { formatShape, sizeOf, type Tensor, tensor } from "../../tensor.ts";
import { addCompound, type Compound } from "./compound-activations.ts";
import type { KerasLayer } from "./layer.ts";
import type { KerasProgramBuilder } from "./program.ts";

/** The function after a layer's sum: an activation that layers can have built in, or another function. */
export type Nonlinearity =
  | { readonly activation: Activation }
  | { readonly function: UnaryFunction; readonly alpha?: number }
  | { readonly compound: Compound };

/** Functions by their Keras name, if it differs from ours; parameters are Keras' defaults. */
const functions: Readonly<Record<string, Nonlinearity>> = {
  // Keras 3 has two names for it, and writes this one.
  hard_silu: { activation: "hard_swish" },
  swish: { function: "silu" },
  silu: { function: "silu" },
  gelu: { function: "gelu" },
  elu: { function: "elu", alpha: 1 },
  celu: { function: "elu", alpha: 1 },
  selu: { function: "selu" },
  tanh: { function: "tanh" },
  leaky_relu: { function: "leaky_relu", alpha: 0.2 },
  mish: { function: "mish" },
  softplus: { function: "softplus" },
  softsign: { function: "softsign" },
  exponential: { function: "exponential" },
  squareplus: { function: "squareplus", alpha: 4 },
  hard_shrink: { function: "hard_shrink", alpha: 0.5 },
  soft_shrink: { compound: "soft_shrink" },
  tanh_shrink: { compound: "tanh_shrink" },
  hard_tanh: { compound: "hard_tanh" },
  log_sigmoid: { compound: "log_sigmoid" },
  log_softmax: { compound: "log_softmax" },
  sparse_plus: { compound: "sparse_plus" },
  glu: { compound: "glu" },
};

/** A hint for a model's custom function. */
const OF_ITS_OWN =
  'model.export("model.onnx", format="onnx") and TFLite files hold its arithmetic; or express it by these, and save again';

/** Hints for unsupported functions of a whole row. */
const INSTEAD: Readonly<Record<string, string>> = {
  sparsemax:
    "end the model before it: keras.Model(model.input, model.get_layer(...).output); sparsemax keeps the order of its inputs, " +
    "so the first class stays the first",
};

/** @param value the value of `activation` in a config */
export function nonlinearityOf(layer: KerasLayer, value: unknown, isKeras3: boolean): Nonlinearity {
  if (value === undefined || value === null) return { activation: "linear" };
  const { class_name: kind, config } = value as Readonly<Record<string, unknown>>;
  // Keras keeps only the name of a custom function, such as the article's `relu6` and `hard_swish`.
  const name = kind === "function" ? config : value;
  if (typeof kind === "string" && kind !== "function") return ofLayer(layer, kind, config);
  if (name === "hard_sigmoid" && !isKeras3) return { compound: "steep_hard_sigmoid" };
  if ((activationNames as readonly unknown[]).includes(name)) return { activation: name as Activation };
  if (typeof name === "string" && Object.hasOwn(functions, name)) return functions[name];
  return layer.refuse(
    `activation ${show(value)}`,
    `one of ${[...activationNames, ...Object.keys(functions)].join(", ")}`,
    typeof name === "string" && Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : OF_ITS_OWN,
  );
}

/** A layer used as an activation: `Dense(8, activation=LeakyReLU(0.1))`. */
function ofLayer(layer: KerasLayer, kind: string, config: unknown): Nonlinearity {
  const options = (config ?? {}) as Readonly<Record<string, unknown>>;
  const number = (fallback: number, ...keys: string[]) => {
    const found = keys.map((key) => options[key]).find((value) => typeof value === "number");
    return (found as number | undefined) ?? fallback;
  };
  if (kind === "LeakyReLU") return { function: "leaky_relu", alpha: number(0.3, "negative_slope", "alpha") };
  if (kind === "ELU") return { function: "elu", alpha: number(1, "alpha") };
  if (kind === "Softmax" && (options.axis ?? -1) === -1) return { activation: "softmax" };
  if (kind === "ReLU" && !number(0, "negative_slope") && !number(0, "threshold")) {
    if (options.max_value === null || options.max_value === undefined) return { activation: "relu" };
    if (options.max_value === 6) return { activation: "relu6" };
  }
  return layer.refuse(`activation ${kind} ${show(options)}`, "LeakyReLU, ELU, ReLU or Softmax");
}

/** Adds a nonlinearity after the value `x` under the name `name`; an identity adds nothing. */
export function addNonlinearity(
  b: KerasProgramBuilder,
  name: string,
  x: string,
  f: Nonlinearity,
  layer: KerasLayer,
): string {
  if ("compound" in f) addCompound[f.compound](b, name, x, layer);
  else if ("function" in f) b.add(unary, name, [x], f);
  else if (f.activation === "linear") return x;
  else b.add(activation, name, [x], f);
  return name;
}

/** Adds `ReLU` with slope and limit, from our ops. */
export function addReLU(b: KerasProgramBuilder, layer: KerasLayer, [x]: readonly string[]): string {
  const threshold = layer.optionalNumber("threshold") ?? 0;
  const slope = layer.number("negative_slope", 0);
  const limit = layer.optionalNumber("max_value");
  const { name } = layer;
  if (threshold !== 0) return addThresholded(b, layer, x, { threshold, slope, limit });
  if (slope === 0 && (limit === undefined || limit === 6)) {
    return addNonlinearity(b, name, x, { activation: limit === 6 ? "relu6" : "relu" }, layer);
  }
  if (limit === undefined) return addNonlinearity(b, name, x, { function: "leaky_relu", alpha: slope }, layer);
  if (!(limit > 0)) layer.refuse(`max_value is ${limit}`, "a number above 0");
  if (slope === 0) {
    b.add(rescaling, `${name}/to_6`, [x], { scale: 6 / limit, offset: 0 });
    b.add(activation, `${name}/relu6`, [`${name}/to_6`], { activation: "relu6" });
    b.add(rescaling, name, [`${name}/relu6`], { scale: limit / 6, offset: 0 });
    return name;
  }
  // y - relu(y - limit) is the minimum of y and the limit.
  b.add(unary, `${name}/leaky`, [x], { function: "leaky_relu", alpha: slope });
  b.add(rescaling, `${name}/less`, [`${name}/leaky`], { scale: 1, offset: -limit });
  b.add(activation, `${name}/over`, [`${name}/less`], { activation: "relu" });
  b.add(rescaling, `${name}/minus`, [`${name}/over`], { scale: -1, offset: 0 });
  b.add(add, name, [`${name}/leaky`, `${name}/minus`], {});
  return name;
}

/** Adds relu of x above the threshold, less the slope times the distance below it. */
function addThresholded(
  b: KerasProgramBuilder,
  layer: KerasLayer,
  x: string,
  o: { readonly threshold: number; readonly slope?: number; readonly limit?: number },
): string {
  const { threshold, slope = 0, limit } = o;
  const { name } = layer;
  if (!(threshold > 0)) layer.refuse(`threshold is ${threshold}`, "0 or more");
  if (limit !== undefined) layer.refuse(`threshold and max_value of ${limit}`, "one of them");
  const rest = slope === 0 ? name : `${name}/relu`;
  b.add(unary, `${name}/above`, [x], { function: "hard_shrink", alpha: threshold });
  b.add(activation, rest, [`${name}/above`], { activation: "relu" });
  if (slope === 0) return name;
  b.add(rescaling, `${name}/to_threshold`, [x], { scale: -1, offset: threshold });
  b.add(activation, `${name}/below`, [`${name}/to_threshold`], { activation: "relu" });
  b.add(rescaling, `${name}/slope`, [`${name}/below`], { scale: -slope, offset: 0 });
  b.add(add, name, [rest, `${name}/slope`], {});
  return name;
}

/** Adds `ThresholdedReLU` of Keras 2, with default threshold 1. */
export function addThresholdedReLU(b: KerasProgramBuilder, layer: KerasLayer, [x]: readonly string[]): string {
  return addThresholded(b, layer, x, { threshold: layer.number("theta", 1) });
}

/** Adds `PReLU` with a slope per channel: relu(x) (1 - slope) + x slope. */
export function addPReLU(b: KerasProgramBuilder, layer: KerasLayer, [x]: readonly string[]): string {
  const shape = b.shapeOf(x);
  const channels = shape.at(-1) as number;
  // The stored shape decides the axes.
  layer.one<unknown>("shared_axes", null, [1, 2], [1], [2]);
  const scale = (name: string, input: string): string => {
    const { gamma, ...others } = b.add(batchNormalization, name, [input], { epsilon: 0, momentum: 0.99 });
    for (const [weight, param] of Object.entries(others)) {
      b.constants[param] = tensor([channels], Array(channels).fill(weight === "moving_variance" ? 1 : 0));
    }
    return gamma;
  };
  const { name } = layer;
  b.add(activation, `${name}/above`, [x], { activation: "relu" });
  const rest = scale(`${name}/rest`, `${name}/above`);
  const slope = scale(`${name}/slope`, x);
  b.add(add, name, [`${name}/slope`, `${name}/rest`], {});
  b.own(layer, { alpha: slope, rest }, ([alpha]: readonly Tensor[]) => {
    const { data } = alpha ?? tensor([0]);
    if (data.length !== channels) {
      const found = `slopes of shape ${formatShape(alpha?.shape ?? [])} on a map of ${sizeOf(shape.slice(1, -1))} pixels`;
      layer.refuse(found, "one for each channel: shared_axes=[1, 2]");
    }
    return [
      tensor([channels], data),
      tensor(
        [channels],
        data.map((s) => 1 - s),
      ),
    ];
  });
  return name;
}
