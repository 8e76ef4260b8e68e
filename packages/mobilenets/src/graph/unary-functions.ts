import { GraphError } from "../errors.ts";
import { show } from "../show.ts";

interface UnaryDefinition {
  value(x: number, alpha: number): number;
  slope(x: number, alpha: number): number;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** The distribution function of the normal distribution, (1 + erf(x / sqrt 2)) / 2, and its density. */
const normal = (x: number) => (x < 0 ? upperTail(-x) : 1 - upperTail(x));
const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** 1 - normal(x) for x >= 0, to float64's precision: a power series near 0, a continued fraction from 3 on. */
function upperTail(x: number): number {
  if (x < 3) {
    let term = x;
    let sum = x;
    for (let k = 3; Math.abs(term) > 1e-18; k += 2) {
      term *= (x * x) / k;
      sum += term;
    }
    return 0.5 - sum * density(x);
  }
  let fraction = x;
  for (let k = 60; k > 0; k--) fraction = x + k / fraction;
  return density(x) / fraction;
}

/** Constants of Klambauer et al. 2017, by which activations keep mean 0 and variance 1. */
export const SELU = { alpha: 1.6732632423543772, scale: 1.0507009873554805 } as const;

/** Hendrycks and Gimpel 2016: tanh(sqrt(2 / pi) (x + 0.044715 x^3)) in place of erf(x / sqrt 2). */
export const GELU_TANH = { root: Math.sqrt(2 / Math.PI), cubic: 0.044715 } as const;

const bend = (x: number) => Math.tanh(GELU_TANH.root * (x + GELU_TANH.cubic * x ** 3));

/** Functions by their Keras name; `gelu_tanh` is Keras' `gelu` with `approximate`. */
const definitions = {
  silu: {
    value: (x) => x * sigmoid(x),
    slope: (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
  },
  gelu: { value: (x) => x * normal(x), slope: (x) => normal(x) + x * density(x) },
  gelu_tanh: {
    value: (x) => (x / 2) * (1 + bend(x)),
    slope: (x) => (1 + bend(x)) / 2 + (x / 2) * (1 - bend(x) ** 2) * GELU_TANH.root * (1 + 3 * GELU_TANH.cubic * x * x),
  },
  elu: {
    value: (x, alpha) => (x > 0 ? x : alpha * Math.expm1(x)),
    slope: (x, alpha) => (x > 0 ? 1 : alpha * Math.exp(x)),
  },
  selu: {
    value: (x) => SELU.scale * (x > 0 ? x : SELU.alpha * Math.expm1(x)),
    slope: (x) => SELU.scale * (x > 0 ? 1 : SELU.alpha * Math.exp(x)),
  },
  tanh: { value: (x) => Math.tanh(x), slope: (x) => 1 - Math.tanh(x) ** 2 },
  leaky_relu: { value: (x, alpha) => (x > 0 ? x : alpha * x), slope: (x, alpha) => (x > 0 ? 1 : alpha) },
  mish: {
    value: (x) => x * Math.tanh(softplus(x)),
    slope: (x) => Math.tanh(softplus(x)) + x * (1 - Math.tanh(softplus(x)) ** 2) * sigmoid(x),
  },
  softplus: { value: softplus, slope: sigmoid },
  softsign: { value: (x) => x / (1 + Math.abs(x)), slope: (x) => 1 / (1 + Math.abs(x)) ** 2 },
  exponential: { value: Math.exp, slope: Math.exp },
  /** Natural logarithm. */
  log: { value: Math.log, slope: (x) => 1 / x },
  /** Barron 2021; negative numbers use a form without cancellation. */
  squareplus: {
    value: (x, b) => (x > 0 ? (x + Math.hypot(x, Math.sqrt(b))) / 2 : b / 2 / (Math.hypot(x, Math.sqrt(b)) - x)),
    slope: (x, b) => (1 + x / Math.hypot(x, Math.sqrt(b))) / 2,
  },
  hard_shrink: {
    value: (x, alpha) => (Math.abs(x) > alpha ? x : 0),
    slope: (x, alpha) => (Math.abs(x) > alpha ? 1 : 0),
  },
} satisfies Record<string, UnaryDefinition>;

export type UnaryFunction = keyof typeof definitions;

export const unaryFunctions: Readonly<Record<UnaryFunction, UnaryDefinition>> = definitions;

export const unaryNames = Object.keys(definitions) as readonly UnaryFunction[];

/** @throws GraphError for an unknown function */
export function checkUnary(name: unknown): asserts name is UnaryFunction {
  if ((unaryNames as readonly unknown[]).includes(name)) return;
  throw new GraphError({
    where: "unary",
    found: `function ${show(name)}`,
    expected: `one of ${unaryNames.join(", ")}`,
  });
}
