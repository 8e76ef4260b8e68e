import {
  add,
  advance,
  argumentsOf,
  f32x4,
  fma,
  get,
  type Isa,
  i32,
  kernel,
  locals,
  mul,
  set,
  share,
  splat,
  whileBelow,
} from "./wat.ts";

/**
 * e^x for 4 floats, relative error below 2e-7: x = n ln 2 + r, a polynomial for e^r, 2^n by its exponent bits.
 * Constants: Cephes `expf` (S. L. Moshier), ln 2 in two parts so that n ln 2 is exact.
 */
function exp(isa: Isa): string {
  const polynomial = [1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1].reduce(
    (p, coefficient) => fma(isa, p, get("r"), f32x4(coefficient)),
    f32x4(1.98756915e-4),
  );
  return `
(func $exp (param $x v128) (result v128) ${locals("v128", "n", "r", "p")}
  ${set("x", `(f32x4.pmin (f32x4.pmax ${get("x")} ${f32x4(-87)}) ${f32x4(88)})`)}
  ${set("n", `(f32x4.nearest (f32x4.mul ${get("x")} ${f32x4(Math.LOG2E)}))`)}
  ${set("r", fma(isa, get("n"), f32x4(-0.693359375), get("x")))}
  ${set("r", fma(isa, get("n"), f32x4(2.1219444e-4), get("r")))}
  ${set("p", polynomial)}
  ${set("p", fma(isa, get("p"), `(f32x4.mul ${get("r")} ${get("r")})`, `(f32x4.add ${get("r")} ${f32x4(1)})`))}
  (f32x4.mul ${get("p")}
    (i32x4.shl (i32x4.add (i32x4.trunc_sat_f32x4_s ${get("n")}) (v128.const i32x4 127 127 127 127)) ${i32(23)})))`;
}

/** Threads share rows. Lanes past `count` in a row's last vector hold padding and must not enter the sum. */
function softmax(): string {
  const arg = argumentsOf("f32-softmax");
  const at = (base: string) => add(get(base), `(i32.shl ${get("i")} ${i32(2)})`);
  const each = (body: string, step = 1) => `
    ${set("i", i32(0))} ${whileBelow("i", arg("count"), `${body} ${advance("i", i32(step))}`)}`;
  const scalar = (base: string) => `(f32.load ${at(base)})`;
  const rowStart = (base: "a" | "c") => add(arg(base), mul(get("from"), arg(`${base}Step`)));
  return kernel(
    "f32-softmax",
    `${locals("i32", "from", "to", "total", "i", "a", "c")} ${locals("f32", "max", "sum")} ${locals("v128", "scale")}
    ${share(arg("rows"))}
    ${whileBelow(
      "from",
      get("to"),
      `${set("a", rowStart("a"))}
      ${set("c", rowStart("c"))}
      ${set("max", "(f32.const -inf)")}
      ${each(set("max", `(f32.max ${get("max")} ${scalar("a")})`))}
      ${each(`(v128.store ${at("c")} (call $exp (f32x4.sub (v128.load ${at("a")}) ${splat(get("max"))})))`, 4)}
      ${set("sum", "(f32.const 0)")}
      ${each(set("sum", `(f32.add ${get("sum")} ${scalar("c")})`))}
      ${set("scale", splat(`(f32.div (f32.const 1) ${get("sum")})`))}
      ${each(`(v128.store ${at("c")} (f32x4.mul (v128.load ${at("c")}) ${get("scale")}))`, 4)}
      ${advance("from", i32(1))}`,
    )}`,
  );
}

export const exponential = (isa: Isa) => [exp(isa), softmax()].join("\n");
