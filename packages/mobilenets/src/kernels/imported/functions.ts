import { GELU_TANH, SELU, type UnaryFunction } from "../../graph/unary-functions.ts";
import { perPixel } from "../elementwise.ts";
import { func, params } from "../func.ts";
import { callFor, code, either, f32x4, get, i32, i32x4, set, v128 } from "../instructions.ts";
import { argument, fma, type Isa } from "../wat.ts";
import { FUNCTION } from "./signatures.ts";

const x = get("x");
const e = get("e");
const t = get("t");
const one = f32x4(1);
const plus = (a: string, b: string) => f32x4.add(a, b);
const minus = (a: string, b: string) => f32x4.sub(a, b);
const times = (...factors: string[]) => factors.reduce((a, b) => f32x4.mul(a, b));
const by = (a: string, b: string) => f32x4.div(a, b);
const exp = (a: string) => callFor("v128", "exp", a);
const log = (a: string) => callFor("v128", "log", a);
const negative = (a: string) => f32x4.neg(a);
const magnitude = f32x4.abs(x);
const least = (a: string, limit: number) => f32x4.pmin(a, f32x4(limit));
/** `then` for x above 0, otherwise `otherwise`. */
const wherePositive = (then: string, otherwise: string) => v128.bitselect(then, otherwise, f32x4.gt(x, f32x4(0)));
const sigmoid = (a: string) => by(one, plus(one, exp(negative(a))));

/**
 * (1 + erf(x / sqrt 2)) / 2 by Abramowitz and Stegun 7.1.26, with an absolute error below 1.5e-7; for negative x the small
 * tail itself, without cancellation. Leaves exp(-x^2 / 2) in `$e`.
 */
const distribution = (isa: Isa) => {
  const root = Math.SQRT1_2;
  const coefficients = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const polynomial = coefficients.slice(1).reduce((p, c) => fma(isa, p, t, f32x4(c)), f32x4(coefficients[0]));
  const tail = times(f32x4(0.5), polynomial, t, e);
  return {
    before: code(
      set("t", by(one, plus(one, times(f32x4(0.3275911 * root), magnitude)))),
      set("e", exp(times(f32x4(-0.5), x, x))),
      set("t", tail),
    ),
    value: wherePositive(minus(one, t), t),
  };
};

interface Formula {
  /** Code that sets `$e` and `$t` for it. */
  readonly before?: string;
  readonly value: string;
}

const cube = plus(x, times(f32x4(GELU_TANH.cubic), x, x, x));
const bent = set("t", sigmoid(times(f32x4(2 * GELU_TANH.root), cube)));
const alpha = get("alpha");
/** (1 + e^x)^2 - 1; e^20 is effectively infinite. */
const squared = code(set("e", exp(least(x, 20))), set("t", times(e, plus(e, f32x4(2)))));
const tanhSoftplus = by(t, plus(t, f32x4(2)));
/** The exponential of negative numbers only: values that are not selected must be finite too. */
const negativePart = set("e", exp(least(x, 0)));
const root = set("e", f32x4.sqrt(plus(times(x, x), alpha)));
/** `then` for |x| above alpha, otherwise 0. */
const beyond = (then: string) => v128.and(then, f32x4.gt(magnitude, alpha));
const twice = set("e", exp(times(f32x4(-2), magnitude)));

const values = (isa: Isa): Record<UnaryFunction, Formula> => {
  const normal = distribution(isa);
  return {
    silu: { value: times(x, sigmoid(x)) },
    gelu: { before: normal.before, value: times(x, normal.value) },
    gelu_tanh: { before: bent, value: times(x, t) },
    elu: { before: negativePart, value: wherePositive(x, times(alpha, minus(e, one))) },
    selu: {
      before: negativePart,
      value: times(f32x4(SELU.scale), wherePositive(x, times(f32x4(SELU.alpha), minus(e, one)))),
    },
    tanh: {
      before: twice,
      value: v128.bitselect(x, by(minus(one, e), plus(one, e)), i32x4("0x80000000")),
    },
    leaky_relu: { value: wherePositive(x, times(alpha, x)) },
    mish: { before: squared, value: times(x, tanhSoftplus) },
    softplus: { value: plus(f32x4.pmax(x, f32x4(0)), callFor("v128", "log1p", exp(negative(magnitude)))) },
    softsign: { value: by(x, plus(one, magnitude)) },
    exponential: { value: exp(x) },
    log: { value: log(x) },
    squareplus: {
      before: root,
      value: wherePositive(times(f32x4(0.5), plus(x, e)), by(times(f32x4(0.5), alpha), minus(e, x))),
    },
    hard_shrink: { value: beyond(x) },
  };
};

const slopes = (isa: Isa): Record<UnaryFunction, Formula> => {
  const normal = distribution(isa);
  const bend = times(
    f32x4(2 * GELU_TANH.root),
    x,
    t,
    minus(one, t),
    plus(one, times(f32x4(3 * GELU_TANH.cubic), x, x)),
  );
  return {
    silu: { before: set("t", sigmoid(x)), value: times(t, plus(one, times(x, minus(one, t)))) },
    gelu: { before: normal.before, value: plus(normal.value, times(x, f32x4(1 / Math.sqrt(2 * Math.PI)), e)) },
    gelu_tanh: { before: bent, value: plus(t, bend) },
    elu: { before: negativePart, value: wherePositive(one, times(alpha, e)) },
    selu: { before: negativePart, value: times(f32x4(SELU.scale), wherePositive(one, times(f32x4(SELU.alpha), e))) },
    tanh: { before: twice, value: by(times(f32x4(4), e), times(plus(one, e), plus(one, e))) },
    leaky_relu: { value: wherePositive(one, alpha) },
    mish: {
      before: squared,
      // 1 - tanh^2 as a fraction, without cancellation.
      value: plus(
        tanhSoftplus,
        times(x, by(times(f32x4(4), plus(t, one)), times(plus(t, f32x4(2)), plus(t, f32x4(2)))), sigmoid(x)),
      ),
    },
    softplus: { value: sigmoid(x) },
    softsign: { value: by(one, times(plus(one, magnitude), plus(one, magnitude))) },
    exponential: { value: exp(x) },
    log: { value: by(one, x) },
    squareplus: { before: root, value: times(f32x4(0.5), plus(one, by(x, e))) },
    hard_shrink: { value: beyond(one) },
  };
};

/** The function that `$function` selects, of the vector in `$x`. */
function chosen(name: string, formulas: Record<UnaryFunction, Formula>): string {
  const branches = Object.entries(formulas).reduceRight(
    (otherwise, [key, { before = "", value }]) =>
      either("v128", i32.eq(get("function"), i32(FUNCTION[key as UnaryFunction])), code(before, value), otherwise),
    x,
  );
  return func(
    {
      name,
      params: [...params("v128", "x"), ...params("i32", "function"), ...params("v128", "alpha")],
      result: "v128",
    },
    branches,
  );
}

/** log(1 + u) for u from -0.3 to 1, by the series of 2 atanh(u / (2 + u)); the first power left out is below 1e-9. */
function log1p(isa: Isa): string {
  const powers = [15, 13, 11, 9, 7, 5, 3].map((k) => f32x4(2 / k));
  const series = [...powers.slice(1), f32x4(2)].reduce((p, c) => fma(isa, p, get("s"), c), powers[0]);
  return func(
    { name: "log1p", params: params("v128", "u"), result: "v128" },
    set("z", by(get("u"), plus(get("u"), f32x4(2)))),
    set("s", times(get("z"), get("z"))),
    times(get("z"), series),
  );
}

/** The bits of sqrt(1/2). */
const ROOT_HALF = 0x3f3504f3;

/**
 * The natural logarithm, error below 3 units in the last place: u = 2^n m with m from sqrt(1/2) to sqrt(2), so that m - 1
 * is exact and nothing cancels near u = 1. ln 2 is in two parts, as in `exponentiate`.
 */
function logarithm(isa: Isa): string {
  const u = get("u");
  const n = get("n");
  // Subnormal numbers have no exponent of their own before they are multiplied.
  const small = get("small");
  const exponent = get("exponent");
  const inside = v128.and(f32x4.gt(u, f32x4(0)), f32x4.lt(u, f32x4(Infinity)));
  // -Infinity of 0, Infinity of itself, NaN of negative numbers and of NaN.
  const outside = minus(f32x4.sqrt(u), by(one, f32x4.abs(u)));
  return func(
    { name: "log", params: params("v128", "u"), result: "v128" },
    set("small", f32x4.lt(u, f32x4(2 ** -126))),
    set("m", v128.bitselect(times(u, f32x4(2 ** 23)), u, small)),
    set("exponent", i32x4.shr_s(i32x4.sub(get("m"), i32x4(ROOT_HALF)), i32(23))),
    set("n", minus(f32x4.convert_i32x4_s(exponent), v128.and(small, f32x4(23)))),
    set("m", i32x4.sub(get("m"), i32x4.shl(exponent, i32(23)))),
    set("m", callFor("v128", "log1p", minus(get("m"), one))),
    set("m", fma(isa, n, f32x4(0.693359375), fma(isa, n, f32x4(-2.1219444e-4), get("m")))),
    v128.bitselect(get("m"), outside, inside),
  );
}

export function functions(isa: Isa): string {
  const called = (name: string, kernel: "f32-function" | "f32-function-grad", x: string) =>
    callFor("v128", name, x, argument(kernel, "function"), f32x4.splat(argument(kernel, "alpha")));
  return [
    log1p(isa),
    logarithm(isa),
    chosen("function-value", values(isa)),
    chosen("function-slope", slopes(isa)),
    perPixel("f32-function", ["a", "c"], (load) => called("function-value", "f32-function", load("a"))),
    perPixel("f32-function-grad", ["a", "b", "c"], (load) =>
      times(load("a"), called("function-slope", "f32-function-grad", load("b"))),
    ),
  ].join("\n");
}
