import type { KernelField } from "../signatures.ts";
import {
  type ArgumentsOf,
  activate,
  add,
  addressesOf,
  advance,
  argumentsOf,
  eachVector,
  f32x4,
  fma,
  get,
  type Isa,
  i32,
  imageAndRow,
  kernel,
  locals,
  mul,
  type OperandOf,
  operandOf,
  set,
  share,
  splat,
  storeVectors,
  sub,
  times,
  vectorOf,
  whileBelow,
} from "../wat.ts";
import { activationSlope } from "./slope.ts";

const zero = "(v128.const i32x4 0 0 0 0)";
const load = (base: string, offset = 0) => `(v128.load offset=${offset} ${get(base)})`;

/** Address of pixel (0, row) of an image, plus `$ch` bytes. */
const rowStart = ({ at, image, pitch }: ReturnType<typeof operandOf>) =>
  add(add(at, get("ch")), add(mul(get("image"), image), mul(get("row"), pitch)));

/**
 * Per-channel sums over a share of all rows, written part by part so that the result does not depend on who computed
 * what. Channels are outside, so that sums stay in registers while a part, which fits the second-level cache, passes by.
 */
function partialSums<K extends "f32-moments" | "f32-norm-sums">(
  name: K,
  maps: readonly OperandOf<K>[],
  constants: (width: number, arg: ArgumentsOf<K>) => string,
  accumulate: (width: number) => string,
  extra: string,
): string {
  const arg = argumentsOf(name);
  const pass = (width: number) => `
    (block $end-${width} (loop $again-${width}
      (br_if $end-${width} (i32.gt_u ${add(get("ch"), i32(16 * width))} ${arg("bytes")}))
      ${times(width, (i) => `${set(`s${i}`, zero)} ${set(`q${i}`, zero)}`)}
      ${constants(width, arg)}
      ${set("from", get("first"))}
      (loop $rows-${width}
        ${imageAndRow(arg("height"))}
        ${maps.map((x) => set(`p-${x}`, rowStart(operandOf(name, x)))).join("\n")}
        ${set("x", arg("width"))}
        (loop $pixels-${width}
          ${accumulate(width)}
          ${maps.map((x) => advance(`p-${x}`, operandOf(name, x).step)).join("\n")}
          (br_if $pixels-${width} (local.tee $x ${sub(get("x"), i32(1))})))
        (br_if $rows-${width} (i32.lt_u (local.tee $from ${add(get("from"), i32(1))}) ${get("last")})))
      ${set("o", add(arg("c"), add(get("ch"), mul(get("part"), `(i32.shl ${arg("bytes")} ${i32(1)})`))))}
      ${storeVectors("o", ["s0", "s1"].slice(0, width).map(get))}
      ${advance("o", arg("bytes"))}
      ${storeVectors("o", ["q0", "q1"].slice(0, width).map(get))}
      ${advance("ch", i32(16 * width))}
      (br $again-${width})))`;
  return kernel(
    name,
    `${locals("i32", "from", "to", "total", "part", "end", "first", "last", "image", "row", "ch", "x", "o", "act")}
    ${maps.map((x) => locals("i32", `p-${x}`)).join(" ")} ${locals("v128", "s0", "s1", "q0", "q1")} ${extra}
    ${share(arg("parts"))}
    ${set("part", get("from"))}
    ${set("end", get("to"))}
    ${whileBelow(
      "part",
      get("end"),
      `${set("first", `(i32.div_u ${mul(get("part"), mul(arg("images"), arg("height")))} ${arg("parts")})`)}
      ${set("last", `(i32.div_u ${mul(add(get("part"), i32(1)), mul(arg("images"), arg("height")))} ${arg("parts")})`)}
      ${set("ch", i32(0))}
      ${pass(2)}
      ${pass(1)}
      ${advance("part", i32(1))}`,
    )}`,
  );
}

/** Sum and sum of squares of x less its first pixel: near the mean, so that little cancels in the variance. */
const moments = (isa: Isa) =>
  partialSums(
    "f32-moments",
    ["a"],
    (width, arg) => times(width, (i) => set(`k${i}`, `(v128.load offset=${16 * i} ${add(arg("a"), get("ch"))})`)),
    (width) =>
      times(
        width,
        (i) => `
        ${set("v", `(f32x4.sub ${load("p-a", 16 * i)} ${get(`k${i}`)})`)}
        ${set(`s${i}`, `(f32x4.add ${get(`s${i}`)} ${get("v")})`)}
        ${set(`q${i}`, fma(isa, get("v"), get("v"), get(`q${i}`)))}`,
      ),
    locals("v128", "k0", "k1", "v"),
  );

/** `$v0` and, of two, `$v1`, gradients at dy, times the activation's slope at scale x + shift, x in `$u0` and `$u1`. */
const throughActivation = (
  isa: Isa,
  width: number,
  coefficients: (i: number) => readonly [scale: string, shift: string],
) =>
  activationSlope(
    Array.from({ length: width }, (_, i) => ({
      dy: `v${i}`,
      pre: fma(isa, get(`u${i}`), ...coefficients(i)),
      t: `t${i}`,
    })),
  );

/** Vectors that are worked on two at a time: x, dy and the activation's argument. */
const pairs = locals("v128", "u0", "u1", "v0", "v1", "t0", "t1");

/** Sums of dy and of dy (x - mean), dy first taken through the activation. */
const normSums = (isa: Isa) =>
  partialSums(
    "f32-norm-sums",
    ["a", "b"],
    (width, arg) => `
      ${set("act", arg("act"))}
      ${times(width, (i) => (["scale", "shift", "mean"] as const).map((x) => set(`${x}${i}`, `(v128.load offset=${16 * i} ${add(arg(x), get("ch"))})`)).join("\n"))}`,
    (width) => `
      ${times(width, (i) => `${set(`v${i}`, load("p-a", 16 * i))} ${set(`u${i}`, load("p-b", 16 * i))}`)}
      ${throughActivation(isa, width, (i) => [get(`scale${i}`), get(`shift${i}`)])}
      ${times(
        width,
        (i) => `
        ${set(`s${i}`, fma(isa, get(`v${i}`), `(f32x4.sub ${get(`u${i}`)} ${get(`mean${i}`)})`, get(`s${i}`)))}
        ${set(`q${i}`, `(f32x4.add ${get(`q${i}`)} ${get(`v${i}`)})`)}`,
      )}`,
    `${locals("v128", "scale0", "scale1", "shift0", "shift1", "mean0", "mean1")} ${pairs}`,
  );

/** Runs over the channels of per-channel rows, a vector at a time, `$i` its byte offset. */
function perChannel<
  K extends "f32-moments-finish" | "f32-norm-coefficients" | "f32-norm-sums-finish" | "f32-norm-grad-coefficients",
>(name: K, body: (arg: ArgumentsOf<K>, at: ArgumentsOf<K>) => string): string {
  const arg = argumentsOf(name);
  const at: ArgumentsOf<K> = (field) => `(v128.load ${add(arg(field), get("i"))})`;
  return kernel(
    name,
    `${locals("i32", "i", "p", "k")} ${locals("v128", "sum", "squares", "t", "n")}
    (if ${get("chunk")} (then (return)))
    ${whileBelow("i", arg("bytes"), `${body(arg, at)} ${advance("i", i32(16))}`)}`,
  );
}

/** Adds up the parts' two rows into `$sum` and `$squares`. */
const sumParts = (arg: (field: "a" | "parts" | "bytes") => string) => `
  ${set("sum", zero)}
  ${set("squares", zero)}
  ${set("p", add(arg("a"), get("i")))}
  ${set("k", arg("parts"))}
  (loop $parts
    ${set("sum", `(f32x4.add ${get("sum")} ${load("p")})`)}
    ${advance("p", arg("bytes"))}
    ${set("squares", `(f32x4.add ${get("squares")} ${load("p")})`)}
    ${advance("p", arg("bytes"))}
    (br_if $parts (local.tee $k ${sub(get("k"), i32(1))})))`;

const store = (arg: (field: "c" | "cRow") => string, row: 0 | 1, value: string) =>
  `(v128.store ${add(add(arg("c"), get("i")), row ? arg("cRow") : i32(0))} ${value})`;

/** 1 / sqrt(variance + epsilon) */
const inverse = (arg: (field: "epsilon") => string, variance: string) =>
  `(f32x4.div ${f32x4(1)} (f32x4.sqrt (f32x4.add ${variance} ${splat(arg("epsilon"))})))`;

const momentsFinish = () =>
  perChannel(
    "f32-moments-finish",
    (arg, at) => `
  ${sumParts(arg)}
  ${set("n", splat(arg("inverse")))}
  ${set("sum", `(f32x4.mul ${get("sum")} ${get("n")})`)}
  ${store(arg, 0, `(f32x4.add ${get("sum")} ${at("x")})`)}
  ${store(arg, 1, `(f32x4.pmax (f32x4.sub (f32x4.mul ${get("squares")} ${get("n")}) (f32x4.mul ${get("sum")} ${get("sum")})) ${zero})`)}`,
  );

const normSumsFinish = () =>
  perChannel(
    "f32-norm-sums-finish",
    (arg, at) => `
  ${sumParts(arg)}
  ${store(arg, 0, `(f32x4.mul ${get("sum")} ${inverse(arg, at("variance"))})`)}
  ${store(arg, 1, get("squares"))}`,
  );

/** scale = gamma / sqrt(variance + epsilon), shift = beta - mean scale */
const normCoefficients = () =>
  perChannel(
    "f32-norm-coefficients",
    (arg, at) => `
  ${set("sum", `(f32x4.mul ${at("gamma")} ${inverse(arg, at("variance"))})`)}
  ${store(arg, 0, get("sum"))}
  ${store(arg, 1, `(f32x4.sub ${at("beta")} (f32x4.mul ${at("mean")} ${get("sum")}))`)}`,
  );

/** dx = scale dy + k1 x + k0 with k1 = -scale dgamma / (n sqrt(variance + epsilon)), k0 = -scale dbeta / n - k1 mean */
const normGradCoefficients = () =>
  perChannel(
    "f32-norm-grad-coefficients",
    (arg, at) => `
  ${set("n", `(f32x4.neg ${splat(arg("inverse"))})`)}
  ${set("t", `(f32x4.mul ${at("scale")} ${get("n")})`)}
  ${set("sum", `(f32x4.mul (f32x4.mul ${get("t")} ${at("dgamma")}) ${inverse(arg, at("variance"))})`)}
  ${store(arg, 0, get("sum"))}
  ${store(arg, 1, `(f32x4.sub (f32x4.mul ${get("t")} ${at("dbeta")}) (f32x4.mul ${get("sum")} ${at("mean")}))`)}`,
  );

/** Loads vector `j` of those that are being computed. */
type VectorOf<Operand> = (operand: Operand, j: number) => string;

/** Row by row of all images, in and out of frames; `$i` is a vector's byte offset in its pixel. `value` leaves `$v0`, `$v1`. */
function perRow<K extends "f32-normalize" | "f32-norm-input-grad">(
  name: K,
  maps: readonly OperandOf<K>[],
  constants: readonly KernelField<K>[],
  value: (vectors: number, at: VectorOf<OperandOf<K>>, constant: VectorOf<KernelField<K>>) => string,
): string {
  const arg = argumentsOf(name);
  const at: VectorOf<OperandOf<K>> = (x, j) => vectorOf(`p-${x}`, j);
  const constant: VectorOf<KernelField<K>> = (field, j) => vectorOf(`k-${field}`, j);
  const pointers = [...maps.map((x) => `p-${x}`), ...constants.map((x) => `k-${x}`)];
  return kernel(
    name,
    `${locals("i32", "from", "to", "total", "image", "row", "ch", "i", "x", "act", "bytes")} ${addressesOf(pointers)}
    ${maps.map((x) => locals("i32", `p-${x}`, `s-${x}`)).join(" ")} ${constants.map((x) => locals("i32", `k-${x}`)).join(" ")}
    ${pairs} ${locals("v128", "low", "high")}
    ${set("act", arg("act"))}
    ${set("low", splat(arg("min")))}
    ${set("high", splat(arg("max")))}
    ${set("bytes", arg("bytes"))}
    ${constants.map((x) => set(`k-${x}`, arg(x))).join("\n")}
    ${maps.map((x) => set(`s-${x}`, operandOf(name, x).step)).join("\n")}
    ${share(mul(arg("images"), arg("height")))}
    ${whileBelow(
      "from",
      get("to"),
      `${imageAndRow(arg("height"))}
      ${set("ch", i32(0))}
      ${maps.map((x) => set(`p-${x}`, rowStart(operandOf(name, x)))).join("\n")}
      ${set("x", arg("width"))}
      (loop $pixels
        ${eachVector(
          get("bytes"),
          pointers,
          (vectors) => `
          ${value(vectors, at, constant)}
          ${storeVectors("at-p-c", ["v0", "v1"].slice(0, vectors).map(get))}`,
        )}
        ${maps.map((x) => advance(`p-${x}`, get(`s-${x}`))).join("\n")}
        (br_if $pixels (local.tee $x ${sub(get("x"), i32(1))})))
      ${advance("from", i32(1))}`,
    )}`,
  );
}

const normalize = (isa: Isa) =>
  perRow(
    "f32-normalize",
    ["a", "c"],
    ["scale", "shift"],
    (vectors, at, constant) => `
    ${times(vectors, (j) => set(`v${j}`, fma(isa, at("a", j), constant("scale", j), constant("shift", j))))}
    ${activate(isa, ["v0", "v1"].slice(0, vectors))}`,
  );

const normInputGrad = (isa: Isa) =>
  perRow(
    "f32-norm-input-grad",
    ["a", "b", "c"],
    ["scale", "shift", "k1", "k0"],
    (vectors, at, constant) => `
    ${times(vectors, (j) => `${set(`v${j}`, at("a", j))} ${set(`u${j}`, at("b", j))}`)}
    ${throughActivation(isa, vectors, (j) => [constant("scale", j), constant("shift", j)])}
    ${times(vectors, (j) => set(`v${j}`, fma(isa, get(`v${j}`), constant("scale", j), fma(isa, get(`u${j}`), constant("k1", j), constant("k0", j)))))}`,
  );

/** Batch norm as training has it, forward and back. */
export const norm = (isa: Isa) =>
  [
    moments(isa),
    momentsFinish(),
    normCoefficients(),
    normalize(isa),
    normSums(isa),
    normSumsFinish(),
    normGradCoefficients(),
    normInputGrad(isa),
  ].join("\n");
