import { add, code, f32x4, get, i32, i32x4, leave, set, v128, when } from "../instructions.ts";
import { type ArgumentsOf, advance, argumentsOf, countdown, kernel, whileBelow } from "../wat.ts";

const zero = i32x4(0);
const load = (base: string) => v128.load(get(base));

/** Visits the channels of per-channel rows, a vector at a time; `$i` is its byte offset. */
function perChannel<
  K extends "f32-moments-finish" | "f32-norm-coefficients" | "f32-norm-sums-finish" | "f32-norm-grad-coefficients",
>(name: K, body: (arg: ArgumentsOf<K>, at: ArgumentsOf<K>) => string): string {
  const arg = argumentsOf(name);
  const at: ArgumentsOf<K> = (field) => v128.load(add(arg(field), get("i")));
  return kernel(name, when(get("chunk"), leave()), whileBelow("i", arg("bytes"), body(arg, at), advance("i", i32(16))));
}

/** Adds up the parts' two rows into `$sum` and `$squares`. */
const sumParts = (arg: (field: "a" | "parts" | "bytes") => string) =>
  code(
    set("sum", zero),
    set("squares", zero),
    set("p", add(arg("a"), get("i"))),
    set("k", arg("parts")),
    countdown(
      "parts",
      "k",
      1,
      set("sum", f32x4.add(get("sum"), load("p"))),
      advance("p", arg("bytes")),
      set("squares", f32x4.add(get("squares"), load("p"))),
      advance("p", arg("bytes")),
    ),
  );

const store = (arg: (field: "c" | "cRow") => string, row: 0 | 1, value: string) =>
  v128.store(add(add(arg("c"), get("i")), row ? arg("cRow") : i32(0)), value);

/** 1 / sqrt(variance + epsilon) */
const inverse = (arg: (field: "epsilon") => string, variance: string) =>
  f32x4.div(f32x4(1), f32x4.sqrt(f32x4.add(variance, f32x4.splat(arg("epsilon")))));

export const momentsFinish = () =>
  perChannel("f32-moments-finish", (arg, at) =>
    code(
      sumParts(arg),
      set("n", f32x4.splat(arg("inverse"))),
      set("sum", f32x4.mul(get("sum"), get("n"))),
      store(arg, 0, f32x4.add(get("sum"), at("x"))),
      store(
        arg,
        1,
        f32x4.pmax(f32x4.sub(f32x4.mul(get("squares"), get("n")), f32x4.mul(get("sum"), get("sum"))), zero),
      ),
    ),
  );

export const normSumsFinish = () =>
  perChannel("f32-norm-sums-finish", (arg, at) =>
    code(
      sumParts(arg),
      store(arg, 0, f32x4.mul(get("sum"), inverse(arg, at("variance")))),
      store(arg, 1, get("squares")),
    ),
  );

/** scale = gamma / sqrt(variance + epsilon), shift = beta - mean scale */
export const normCoefficients = () =>
  perChannel("f32-norm-coefficients", (arg, at) =>
    code(
      set("sum", f32x4.mul(at("gamma"), inverse(arg, at("variance")))),
      store(arg, 0, get("sum")),
      store(arg, 1, f32x4.sub(at("beta"), f32x4.mul(at("mean"), get("sum")))),
    ),
  );

/** dx = scale dy + k1 x + k0 with k1 = -scale dgamma / (n sqrt(variance + epsilon)), k0 = -scale dbeta / n - k1 mean */
export const normGradCoefficients = () =>
  perChannel("f32-norm-grad-coefficients", (arg, at) =>
    code(
      set("n", f32x4.neg(f32x4.splat(arg("inverse")))),
      set("t", f32x4.mul(at("scale"), get("n"))),
      set("sum", f32x4.mul(f32x4.mul(get("t"), at("dgamma")), inverse(arg, at("variance")))),
      store(arg, 0, get("sum")),
      store(arg, 1, f32x4.sub(f32x4.mul(get("t"), at("dbeta")), f32x4.mul(get("sum"), at("mean")))),
    ),
  );
