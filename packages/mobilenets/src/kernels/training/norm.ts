import { add, br_if, code, f32x4, get, i32, i32x4, loop, mul, set, tee, times, v128 } from "../instructions.ts";
import type { KernelField } from "../signatures.ts";
import {
  type ArgumentsOf,
  activate,
  advance,
  argumentsOf,
  countdown,
  eachVector,
  fma,
  type Isa,
  imageAndRow,
  kernel,
  type OperandOf,
  operandOf,
  share,
  storeVectors,
  until,
  vectorOf,
  whileBelow,
} from "../wat.ts";
import { momentsFinish, normCoefficients, normGradCoefficients, normSumsFinish } from "./norm-coefficients.ts";
import { activationSlope } from "./slope.ts";

const zero = i32x4(0);
const load = (base: string, offset = 0) => v128.load(get(base), offset);

/** Address of pixel (0, row) of an image, plus `$ch` bytes. */
const rowStart = ({ at, image, pitch }: ReturnType<typeof operandOf>) =>
  add(add(at, get("ch")), add(mul(get("image"), image), mul(get("row"), pitch)));

/**
 * Per-channel sums over a share of all rows, written part by part so that the result does not depend on the threads.
 * Channels are the outer loop, so that sums stay in registers for a whole part, which fits the L2 cache.
 */
function partialSums<K extends "f32-moments" | "f32-norm-sums">(
  name: K,
  maps: readonly OperandOf<K>[],
  constants: (width: number, arg: ArgumentsOf<K>) => string,
  accumulate: (width: number) => string,
): string {
  const arg = argumentsOf(name);
  const pass = (width: number) =>
    until(
      `again-${width}`,
      i32.gt_u(add(get("ch"), i32(16 * width)), arg("bytes")),
      times(width, (i) => code(set(`s${i}`, zero), set(`q${i}`, zero))),
      constants(width, arg),
      set("from", get("first")),
      loop(
        `rows-${width}`,
        imageAndRow(arg("height")),
        maps.map((x) => set(`p-${x}`, rowStart(operandOf(name, x)))),
        set("x", arg("width")),
        countdown(
          `pixels-${width}`,
          "x",
          1,
          accumulate(width),
          maps.map((x) => advance(`p-${x}`, operandOf(name, x).step)),
        ),
        br_if(`rows-${width}`, i32.lt_u(tee("from", add(get("from"), i32(1))), get("last"))),
      ),
      set("o", add(arg("c"), add(get("ch"), mul(get("part"), i32.shl(arg("bytes"), i32(1)))))),
      storeVectors("o", ["s0", "s1"].slice(0, width).map(get)),
      advance("o", arg("bytes")),
      storeVectors("o", ["q0", "q1"].slice(0, width).map(get)),
      advance("ch", i32(16 * width)),
    );
  return kernel(
    name,
    share(arg("parts")),
    set("part", get("from")),
    set("end", get("to")),
    whileBelow(
      "part",
      get("end"),
      set("first", i32.div_u(mul(get("part"), mul(arg("images"), arg("height"))), arg("parts"))),
      set("last", i32.div_u(mul(add(get("part"), i32(1)), mul(arg("images"), arg("height"))), arg("parts"))),
      set("ch", i32(0)),
      pass(2),
      pass(1),
      advance("part", i32(1)),
    ),
  );
}

/** Sum and sum of squares of x less its first pixel, which is near the mean: the variance then cancels little. */
const moments = (isa: Isa) =>
  partialSums(
    "f32-moments",
    ["a"],
    (width, arg) => times(width, (i) => set(`k${i}`, v128.load(add(arg("a"), get("ch")), 16 * i))),
    (width) =>
      times(width, (i) =>
        code(
          set("v", f32x4.sub(load("p-a", 16 * i), get(`k${i}`))),
          set(`s${i}`, f32x4.add(get(`s${i}`), get("v"))),
          set(`q${i}`, fma(isa, get("v"), get("v"), get(`q${i}`))),
        ),
      ),
  );

/**
 * Multiplies the gradients in `$v0` and, if there are two, `$v1` by the activation's derivative at scale x + shift. x is
 * in `$u0` and `$u1`.
 */
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

/** Sums of dy and of dy (x - mean), after the activation's derivative is applied to dy. */
const normSums = (isa: Isa) =>
  partialSums(
    "f32-norm-sums",
    ["a", "b"],
    (width, arg) =>
      code(
        set("act", arg("act")),
        times(width, (i) =>
          code(
            (["scale", "shift", "mean"] as const).map((x) =>
              set(`${x}${i}`, v128.load(add(arg(x), get("ch")), 16 * i)),
            ),
          ),
        ),
      ),
    (width) =>
      code(
        times(width, (i) => code(set(`v${i}`, load("p-a", 16 * i)), set(`u${i}`, load("p-b", 16 * i)))),
        throughActivation(isa, width, (i) => [get(`scale${i}`), get(`shift${i}`)]),
        times(width, (i) =>
          code(
            set(`s${i}`, fma(isa, get(`v${i}`), f32x4.sub(get(`u${i}`), get(`mean${i}`)), get(`s${i}`))),
            set(`q${i}`, f32x4.add(get(`q${i}`), get(`v${i}`))),
          ),
        ),
      ),
  );

/** Loads the current vector `j` of an operand. */
type VectorOf<Operand> = (operand: Operand, j: number) => string;

/** Visits all rows of all images, with or without frames; `$i` is a vector's byte offset. `value` sets `$v0`, `$v1`. */
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
    set("act", arg("act")),
    set("low", f32x4.splat(arg("min"))),
    set("high", f32x4.splat(arg("max"))),
    set("bytes", arg("bytes")),
    constants.map((x) => set(`k-${x}`, arg(x))),
    maps.map((x) => set(`s-${x}`, operandOf(name, x).step)),
    share(mul(arg("images"), arg("height"))),
    whileBelow(
      "from",
      get("to"),
      imageAndRow(arg("height")),
      set("ch", i32(0)),
      maps.map((x) => set(`p-${x}`, rowStart(operandOf(name, x)))),
      set("x", arg("width")),
      countdown(
        "pixels",
        "x",
        1,
        eachVector(get("bytes"), pointers, (vectors) =>
          code(value(vectors, at, constant), storeVectors("at-p-c", ["v0", "v1"].slice(0, vectors).map(get))),
        ),
        maps.map((x) => advance(`p-${x}`, get(`s-${x}`))),
      ),
      advance("from", i32(1)),
    ),
  );
}

const normalize = (isa: Isa) =>
  perRow("f32-normalize", ["a", "c"], ["scale", "shift"], (vectors, at, constant) =>
    code(
      times(vectors, (j) => set(`v${j}`, fma(isa, at("a", j), constant("scale", j), constant("shift", j)))),
      activate(isa, ["v0", "v1"].slice(0, vectors)),
    ),
  );

const normInputGrad = (isa: Isa) =>
  perRow("f32-norm-input-grad", ["a", "b", "c"], ["scale", "shift", "k1", "k0"], (vectors, at, constant) =>
    code(
      times(vectors, (j) => code(set(`v${j}`, at("a", j)), set(`u${j}`, at("b", j)))),
      throughActivation(isa, vectors, (j) => [constant("scale", j), constant("shift", j)]),
      times(vectors, (j) =>
        set(
          `v${j}`,
          fma(isa, get(`v${j}`), constant("scale", j), fma(isa, get(`u${j}`), constant("k1", j), constant("k0", j))),
        ),
      ),
    ),
  );

/** Batch norm's training form, forward and backward. */
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
