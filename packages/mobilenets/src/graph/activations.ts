import { OptionError } from "../errors.ts";

/**
 * Activation functions by their Keras name. `hard_sigmoid` is Keras 3's and torch's `relu6(x + 3) / 6`
 * (not the older `0.2 x + 0.5`); `hard_swish` is `x * hard_sigmoid(x)` (Howard et al. 2019, section 5.2).
 */
const elementwise = {
  linear: (x: number) => x,
  relu: (x: number) => Math.max(x, 0),
  relu6: (x: number) => Math.min(Math.max(x, 0), 6),
  hard_sigmoid: (x: number) => Math.min(Math.max(x + 3, 0), 6) / 6,
  hard_swish: (x: number) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
};

export type ElementwiseActivation = keyof typeof elementwise;

/** `softmax` runs over the last axis; all others are elementwise. */
export type Activation = ElementwiseActivation | "softmax";

export const activationNames = [...Object.keys(elementwise), "softmax"] as readonly Activation[];

/** The scalar function of an elementwise activation. */
export function activationFunction(name: ElementwiseActivation): (x: number) => number {
  return elementwise[name];
}

const derivatives: Record<ElementwiseActivation, (x: number) => number> = {
  linear: () => 1,
  relu: (x) => (x > 0 ? 1 : 0),
  relu6: (x) => (x > 0 && x < 6 ? 1 : 0),
  hard_sigmoid: (x) => (x > -3 && x < 3 ? 1 / 6 : 0),
  hard_swish: (x) => (x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6),
  sigmoid: (x) => {
    const y = elementwise.sigmoid(x);
    return y * (1 - y);
  },
};

/** The derivative of an elementwise activation; at a kink, that of the flat side. */
export function activationDerivative(name: ElementwiseActivation): (x: number) => number {
  return derivatives[name];
}

/**
 * Applies an activation in place.
 * @param data any layout whose innermost axis holds `channels` elements (only softmax looks at rows)
 */
export function activate(name: Activation, data: Float32Array | Float64Array, channels: number): void {
  if (name === "softmax") {
    softmaxRows(data, channels);
    return;
  }
  const f = activationFunction(name);
  for (let i = 0; i < data.length; i++) data[i] = f(data[i]);
}

/** Subtracts the row's maximum first, so that large logits do not overflow. */
function softmaxRows(data: Float32Array | Float64Array, channels: number): void {
  for (let start = 0; start < data.length; start += channels) {
    const row = data.subarray(start, start + channels);
    let max = -Infinity;
    for (const x of row) max = Math.max(max, x);
    let sum = 0;
    for (const x of row) sum += Math.exp(x - max);
    for (let i = 0; i < channels; i++) row[i] = Math.exp(row[i] - max) / sum;
  }
}

/** @throws OptionError for an unknown name; it lists the known ones */
export function checkActivation(where: string, name: string): Activation {
  if ((activationNames as readonly string[]).includes(name)) return name as Activation;
  throw new OptionError({ where, found: `activation "${name}"`, expected: `one of ${activationNames.join(", ")}` });
}
