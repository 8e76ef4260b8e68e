// Recognises norms of rows that TensorFlow writes as means and squares along the channels, and arithmetic with them.
import { WeightsError } from "../../errors.ts";
import type { Tensor } from "../../tensor.ts";
import type { GraphImport, Operand } from "./graph-import.ts";

/**
 * A partial result of a norm of rows, which no layer of ours computes. It becomes a layer when the arithmetic forms a
 * layer norm or a division by the length.
 */
export interface RowOperand {
  readonly rows: Term;
}

type Term = Squares | MeanSquared | Power | Root | Linear;

/** The square of each number, with or without the row's mean subtracted. */
interface Squares {
  readonly kind: "squares";
  readonly of: string;
  readonly centred: boolean;
}

/** The square of a row's mean. */
interface MeanSquared {
  readonly kind: "mean squared";
  readonly of: string;
}

/** The sum or mean of a row's squares. */
interface Power {
  readonly kind: "power";
  readonly of: string;
  readonly centred: boolean;
  readonly mean: boolean;
  /** Added to the power. */
  readonly epsilon: number;
  /** Lower bound of the power. */
  readonly least: number;
}

/** The square root of a power. */
interface Root {
  readonly kind: "root";
  readonly power: Power;
}

/** One number for all channels, or one for each. */
type Coefficient = number | Float32Array;

/** `a x + b m + c r + d x r + e m r + f`, with the row's mean m and r, 1 over the root of a power. */
interface Linear {
  readonly kind: "linear";
  readonly of: string;
  readonly power?: Power;
  readonly x: Coefficient;
  readonly m: Coefficient;
  readonly r: Coefficient;
  readonly xr: Coefficient;
  readonly mr: Coefficient;
  readonly one: Coefficient;
}

const PARTS = ["x", "m", "r", "xr", "mr", "one"] as const;
const NONE = { x: 0, m: 0, r: 0, xr: 0, mr: 0, one: 0 };

export type Arithmetic = "add" | "subtract" | "multiply" | "divide" | "maximum" | "minimum";

/** An operand that may be a partial result of a norm. */
export type Given = Operand | RowOperand;

export const isRows = (operand: Given): operand is RowOperand => "rows" in operand;

/** The target of results, and the operator's name in errors. */
export interface RowCall {
  readonly graph: GraphImport;
  readonly name: string;
  readonly where: string;
}

/** `x * x` of a result or a partial result. */
export function square(call: RowCall, x: Given): Given {
  if ("value" in x) return { rows: { kind: "squares", of: x.value, centred: false } };
  const term = isRows(x) ? x.rows : undefined;
  if (term?.kind !== "linear" || term.power || !isZero(term.one)) return refuse(call);
  if (same(term.x, 0) && same(term.m, 1)) return { rows: { kind: "mean squared", of: term.of } };
  const centred = same(negative(term.x), term.m) && (same(term.x, 1) || same(term.x, -1));
  return centred ? { rows: { kind: "squares", of: term.of, centred } } : refuse(call);
}

/** `(a - b)^2` */
export function squaredDifference(call: RowCall, a: Given, b: Given): Given {
  return square(call, rowArithmetic(call, "subtract", a, b));
}

/** The mean or sum along the channels. */
export function reduceRows(call: RowCall, x: Given, kind: "mean" | "sum"): Given {
  const mean = kind === "mean";
  if ("value" in x) return mean ? { rows: { kind: "linear", of: x.value, ...NONE, m: 1 } } : refuse(call);
  const term = isRows(x) ? x.rows : undefined;
  if (term?.kind !== "squares") return refuse(call);
  return { rows: { ...term, kind: "power", mean, epsilon: 0, least: 0 } };
}

export function squareRoot(call: RowCall, x: Given, inverse: boolean): Given {
  const term = isRows(x) ? x.rows : undefined;
  if (term?.kind !== "power") return refuse(call);
  return { rows: inverse ? inverseOf(term) : { kind: "root", power: term } };
}

const inverseOf = (power: Power): Linear => ({ kind: "linear", of: power.of, power, ...NONE, r: 1 });

/** Arithmetic of partial results with each other, with results and with constants. */
export function rowArithmetic(call: RowCall, op: Arithmetic, a: Given, b: Given): Given {
  const [first, second] = [termOf(call, a, b), termOf(call, b, a)];
  if (first.kind === "power" || second.kind === "power") return { rows: ofPower(call, op, first, second) };
  if (op === "maximum") return { rows: atLeast(call, first, second) };
  if (op === "minimum") return { rows: atMost(call, first, second) };
  if (op === "divide") {
    const inverse = second.kind === "root" ? inverseOf(second.power) : second.kind === "linear" && reciprocal(second);
    if (!inverse || first.kind !== "linear") return refuse(call);
    return finished(call, product(call, first, inverse));
  }
  if (first.kind !== "linear" || second.kind !== "linear") return refuse(call);
  if (op === "multiply") return finished(call, product(call, first, second));
  return finished(call, sum(call, first, op === "add" ? second : scaled(second, -1)));
}

/** Turns a result or constant into a term, next to an operand that is one. */
function termOf(call: RowCall, operand: Given, other: Given): Term {
  if (isRows(operand)) return operand.rows;
  const of = isRows(other) ? ownerOf(other.rows) : "value" in other ? other.value : "";
  if ("constant" in operand) return { kind: "linear", of, ...NONE, one: coefficientOf(call, operand.constant, of) };
  return { kind: "linear", of: operand.value, ...NONE, x: 1 };
}

const ownerOf = (term: Term) => (term.kind === "root" ? term.power.of : term.of);

function coefficientOf(call: RowCall, { data, shape }: Tensor, of: string): Coefficient {
  if (data.length === 1) return data[0];
  const channels = call.graph.shapeOf(of).at(-1);
  return data.length === channels && shape.at(-1) === channels ? data : refuse(call);
}

/** Arithmetic of a power and a constant, or the variance: the mean of squares less the square of the mean. */
function ofPower(call: RowCall, op: Arithmetic, a: Term, b: Term): Term {
  if (a.kind === "power" && b.kind === "mean squared" && op === "subtract" && a.of === b.of) {
    const plain = !a.centred && a.mean && a.epsilon === 0 && a.least === 0;
    return plain ? { ...a, centred: true } : refuse(call);
  }
  const [power, other] = a.kind === "power" ? [a, b] : [b, a];
  const constant = other.kind === "linear" ? constantOf(other) : undefined;
  if (power.kind !== "power" || typeof constant !== "number" || !(constant >= 0)) return refuse(call);
  if (op === "add") return { ...power, epsilon: power.epsilon + constant };
  return op === "maximum" ? { ...power, least: Math.max(power.least, constant) } : refuse(call);
}

function atLeast(call: RowCall, a: Term, b: Term): Term {
  const [root, other] = a.kind === "root" ? [a, b] : [b, a];
  const constant = other.kind === "linear" ? constantOf(other) : undefined;
  if (root.kind !== "root" || typeof constant !== "number" || !(constant >= 0)) return refuse(call);
  return { ...root, power: { ...root.power, least: Math.max(root.power.least, constant ** 2) } };
}

/** An upper bound of 1 over a root, which is a lower bound of the root. */
function atMost(call: RowCall, a: Term, b: Term): Term {
  for (const [term, other] of [
    [a, b],
    [b, a],
  ]) {
    const most = other.kind === "linear" ? constantOf(other) : undefined;
    if (term.kind !== "linear" || !term.power || typeof most !== "number" || !(most > 0)) continue;
    const inverse = PARTS.every((part) => same(term[part], part === "r" ? 1 : 0));
    if (inverse) return inverseOf({ ...term.power, least: Math.max(term.power.least, most ** -2) });
  }
  return refuse(call);
}

function constantOf(term: Linear): Coefficient | undefined {
  return PARTS.every((part) => part === "one" || isZero(term[part])) ? term.one : undefined;
}

function reciprocal(term: Linear): Linear | undefined {
  const constant = constantOf(term);
  if (constant === undefined) return undefined;
  return { ...term, one: typeof constant === "number" ? 1 / constant : constant.map((n) => 1 / n) };
}

function sum(call: RowCall, a: Linear, b: Linear): Linear {
  if (a.of !== b.of || (a.power && b.power && !alike(a.power, b.power))) return refuse(call);
  const parts = Object.fromEntries(PARTS.map((part) => [part, plus(a[part], b[part])])) as unknown as Linear;
  return { ...a, power: a.power ?? b.power, ...parts };
}

/** The product, if one factor is a constant, or a constant times r. */
function product(call: RowCall, a: Linear, b: Linear): Linear {
  for (const [term, factor] of [
    [a, b],
    [b, a],
  ]) {
    const constant = constantOf(factor);
    if (constant !== undefined) return { ...scaled(term, constant), power: term.power };
    const inverse = PARTS.every((part) => part === "r" || isZero(factor[part]));
    if (!inverse || term.of !== factor.of || term.power) continue;
    const { x, m, one } = scaled(term, factor.r);
    return { ...factor, ...NONE, xr: x, mr: m, r: one };
  }
  return refuse(call);
}

function scaled(term: Linear, by: Coefficient): Linear {
  const parts = Object.fromEntries(PARTS.map((part) => [part, times(term[part], by)])) as unknown as Linear;
  return { ...term, ...parts };
}

/** Turns a term into a value if it is a norm with a factor and an offset per channel. */
function finished(call: RowCall, term: Linear): Given {
  const { of, power, x, m, r, xr, mr, one } = term;
  if (!power || ![x, m, r].every(isZero) || isZero(xr)) return { rows: term };
  const { graph, name } = call;
  const normalise = (kind: "length" | "variance", epsilon: number): Given => {
    if (same(xr, 1) && isZero(one)) return { value: graph.normalise(name, of, kind, epsilon) };
    const value = graph.normalise(`${name}/normalised`, of, kind, epsilon);
    return { value: graph.affine(name, value, tensorOf(xr), tensorOf(one)) };
  };
  if (power.centred) {
    // The mean is not yet subtracted, or no op of ours computes the term.
    if (!same(negative(xr), mr) || power.least > 0 || !power.mean) return { rows: term };
    return normalise("variance", power.epsilon);
  }
  if (!isZero(mr) || power.mean || power.epsilon > 0) return { rows: term };
  return normalise("length", Math.max(power.least, 1e-30));
}

const tensorOf = (c: Coefficient): Tensor | number => (typeof c === "number" ? c : { data: c, shape: [c.length] });
const negative = (c: Coefficient) => times(c, -1);
const isZero = (c: Coefficient) => same(c, 0);

function both(a: Coefficient, b: Coefficient, f: (a: number, b: number) => number): Coefficient {
  if (typeof a === "number") return typeof b === "number" ? f(a, b) : b.map((n) => f(a, n));
  return a.map((n, i) => f(n, typeof b === "number" ? b : b[i]));
}

const plus = (a: Coefficient, b: Coefficient) => both(a, b, (x, y) => x + y);
const times = (a: Coefficient, b: Coefficient) => both(a, b, (x, y) => x * y);

/** Whether two coefficients are equal except for rounding. */
function same(a: Coefficient, b: Coefficient): boolean {
  const off = both(a, b, (x, y) => Math.abs(x - y) - 1e-6 * Math.abs(x));
  return typeof off === "number" ? off <= 0 : off.every((n) => n <= 0);
}

const alike = (a: Power, b: Power) => a === b || JSON.stringify(a) === JSON.stringify(b);

function refuse({ where }: RowCall): never {
  throw new WeightsError({
    where,
    found: "arithmetic of rows that is neither a layer norm nor a division by the length",
    expected: "LayerNormalization or UnitNormalization of Keras",
    hint: "the model it was converted from (.keras, .h5) may have that as a supported layer",
  });
}
