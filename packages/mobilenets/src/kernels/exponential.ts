import { perPixel } from "./elementwise.ts";
import { func, params } from "./func.ts";
import { add, code, f32, f32x4, get, i32, i32x4, mul, set } from "./instructions.ts";
import {
  advance,
  argumentsOf,
  eachVector,
  fma,
  type Isa,
  kernel,
  share,
  storeVectors,
  vectorOf,
  whileBelow,
} from "./wat.ts";

const one = f32x4(1);

/**
 * Adding and subtracting this constant rounds numbers below 2^22 to integers. V8 13 does not widen `f32x4.nearest`.
 */
const ROUNDER = 1.5 * 2 ** 23;

/**
 * Replaces the vector in local `x` by e^x, with a relative error below 2e-7: x = n ln 2 + r, a polynomial for e^r, 2^n by
 * its exponent bits. Constants: Cephes `expf` (S. L. Moshier), ln 2 in two parts so that n ln 2 is exact. Hot kernels
 * inline it, because V8 fuses neighbours into 256-bit operations only within one block.
 */
export function exponentiate(isa: Isa, x: string): string {
  const polynomial = [1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1].reduce(
    (p, coefficient) => fma(isa, p, get("r"), f32x4(coefficient)),
    f32x4(1.98756915e-4),
  );
  return code(
    set(x, f32x4.pmin(f32x4.pmax(get(x), f32x4(-87)), f32x4(88))),
    set("n", f32x4.sub(f32x4.add(f32x4.mul(get(x), f32x4(Math.LOG2E)), f32x4(ROUNDER)), f32x4(ROUNDER))),
    set("r", fma(isa, get("n"), f32x4(-0.693359375), get(x))),
    set("r", fma(isa, get("n"), f32x4(2.1219444e-4), get("r"))),
    set("p", polynomial),
    set("p", fma(isa, get("p"), f32x4.mul(get("r"), get("r")), f32x4.add(get("r"), one))),
    set(x, f32x4.mul(get("p"), i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(get("n")), i32x4(127)), i32(23)))),
  );
}

/** The same as a function, for kernels that rarely run. */
const exp = (isa: Isa) =>
  func({ name: "exp", params: params("v128", "x"), result: "v128" }, exponentiate(isa, "x"), get("x"));

const sigmoid = (isa: Isa) =>
  perPixel("f32-sigmoid", ["a", "c"], (_, j) => f32x4.div(one, f32x4.add(one, get(`x${j}`))), {
    before: (load, j) => code(set(`x${j}`, f32x4.neg(load("a"))), exponentiate(isa, `x${j}`)),
  });

/** Threads share rows. Lanes past `count` in a row's last vector are padding and must not enter the sum. */
function softmax(isa: Isa): string {
  const arg = argumentsOf("f32-softmax");
  const scalar = (base: string) => f32.load(add(get(base), get("i")));
  const each = (body: string) => code(set("i", i32(0)), whileBelow("i", get("end"), body, advance("i", i32(4))));
  const eachVectorOf = (from: "a" | "c", compute: (x: string) => string) =>
    eachVector(i32.and(add(get("end"), i32(15)), i32(-16)), ["a", "c"], (vectors) => {
      const names = ["x0", "x1"].slice(0, vectors);
      return code(
        names.map((x, j) => set(x, vectorOf(from, j))),
        names.map(compute),
        storeVectors("at-c", names.map(get)),
      );
    });
  const rowStart = (base: "a" | "c") => add(arg(base), mul(get("from"), arg(`${base}Step`)));
  return kernel(
    "f32-softmax",
    share(arg("rows")),
    set("end", i32.shl(arg("count"), i32(2))),
    whileBelow(
      "from",
      get("to"),
      set("a", rowStart("a")),
      set("c", rowStart("c")),
      set("max", f32(-Infinity)),
      each(set("max", f32.max(get("max"), scalar("a")))),
      set("shift", f32x4.splat(get("max"))),
      eachVectorOf("a", (x) => code(set(x, f32x4.sub(get(x), get("shift"))), exponentiate(isa, x))),
      set("sum", f32(0)),
      each(set("sum", f32.add(get("sum"), scalar("c")))),
      set("scale", f32x4.splat(f32.div(f32(1), get("sum")))),
      eachVectorOf("c", (x) => set(x, f32x4.mul(get(x), get("scale")))),
      advance("from", i32(1)),
    ),
  );
}

export const exponential = (isa: Isa) => [exp(isa), sigmoid(isa), softmax(isa)].join("\n");
