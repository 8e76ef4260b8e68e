import type { Load } from "../elementwise.ts";
import { exponentiate } from "../exponential.ts";
import { add, code, f32, f32x4, get, i32, i32x4, mul, set, v128, when } from "../instructions.ts";
import {
  advance,
  argument,
  argumentsOf,
  countdown,
  eachVector,
  fma,
  type Isa,
  kernel,
  type OperandOf,
  operandOf,
  share,
  storeVectors,
  vectorOf,
  whileBelow,
} from "../wat.ts";
import { SLOPE } from "./signatures.ts";
import { activationSlope } from "./slope.ts";

const zero = i32x4(0);

/**
 * Visits pixels of all images, which threads share; operands in `perImage` have one pixel per image. `$i` is a vector's
 * byte offset in the pixel.
 */
function perPixel<K extends "f32-activation-grad" | "f32-broadcast" | "f32-max-grad">(
  name: K,
  operands: readonly OperandOf<K>[],
  perImage: readonly OperandOf<K>[],
  value: (load: Load, j: number) => string,
  prepare = "",
  before: (vectors: number) => string = () => "",
): string {
  const arg = argumentsOf(name);
  const moving = operands.filter((x) => !perImage.includes(x));
  return kernel(
    name,
    prepare,
    share(mul(arg("images"), arg("rows"))),
    moving.map((x) => set(x, add(operandOf(name, x).at, mul(get("from"), operandOf(name, x).step)))),
    whileBelow(
      "from",
      get("to"),
      set("image", i32.div_u(get("from"), arg("rows"))),
      perImage.map((x) => set(x, add(operandOf(name, x).at, mul(get("image"), operandOf(name, x).image)))),
      set("end", mul(add(get("image"), i32(1)), arg("rows"))),
      when(i32.gt_u(get("end"), get("to")), set("end", get("to"))),
      whileBelow(
        "from",
        get("end"),
        eachVector(arg("bytes"), operands, (vectors) =>
          code(
            before(vectors),
            storeVectors(
              "at-c",
              Array.from({ length: vectors }, (_, j) => value((x) => vectorOf(x, j), j)),
            ),
          ),
        ),
        moving.map((x) => advance(x, operandOf(name, x).step)),
        advance("from", i32(1)),
      ),
    ),
  );
}

/** dy times the activation's derivative at x. For sigmoid it is e / (1 + e)^2 with e = exp(-|x|), without cancellation. */
const activationGrad = (isa: Isa) =>
  perPixel(
    "f32-activation-grad",
    ["a", "b", "c"],
    [],
    (_, j) => get(`v${j}`),
    set("act", argument("f32-activation-grad", "act")),
    (vectors) => {
      const gradients = Array.from({ length: vectors }, (_, j) => ({ dy: `v${j}`, pre: vectorOf("b", j), t: `t${j}` }));
      const each = (statement: (gradient: (typeof gradients)[number]) => string) => code(gradients.map(statement));
      const plusOne = (t: string) => f32x4.add(f32x4(1), get(t));
      return code(
        gradients.map(({ dy }, j) => set(dy, vectorOf("a", j))),
        when(
          i32.eq(get("act"), i32(SLOPE.sigmoid)),
          code(
            each(({ pre, t }) => code(set(t, f32x4.neg(f32x4.abs(pre))), exponentiate(isa, t))),
            each(({ dy, t }) => set(dy, f32x4.mul(get(dy), f32x4.div(get(t), f32x4.mul(plusOne(t), plusOne(t)))))),
          ),
          activationSlope(gradients),
        ),
      );
    },
  );

const broadcast = () =>
  perPixel(
    "f32-broadcast",
    ["a", "c"],
    ["a"],
    (load) => f32x4.mul(load("a"), get("scale")),
    set("scale", f32x4.splat(argument("f32-broadcast", "scale"))),
  );

/** dy where x is the image's maximum, otherwise 0. */
const maxGrad = () =>
  perPixel("f32-max-grad", ["a", "b", "dy", "c"], ["b", "dy"], (load) =>
    v128.and(load("dy"), f32x4.eq(load("a"), load("b"))),
  );

/** Sum over an image's pixels of the product of two maps. Threads share images. */
function dotRows(isa: Isa): string {
  const arg = argumentsOf("f32-dot-rows");
  const step = (x: "a" | "b") => advance(x, arg(`${x}Step`));
  return kernel(
    "f32-dot-rows",
    share(arg("images")),
    whileBelow(
      "from",
      get("to"),
      set("i", i32(0)),
      whileBelow(
        "i",
        arg("bytes"),
        set("sum", zero),
        (["a", "b"] as const).map((x) => set(x, add(add(arg(x), get("i")), mul(get("from"), arg(`${x}Image`))))),
        set("row", arg("rows")),
        countdown(
          "rows",
          "row",
          1,
          set("sum", fma(isa, v128.load(get("a")), v128.load(get("b")), get("sum"))),
          step("a"),
          step("b"),
        ),
        v128.store(add(add(arg("c"), get("i")), mul(get("from"), arg("cImage"))), get("sum")),
        advance("i", i32(16)),
      ),
      advance("from", i32(1)),
    ),
  );
}

/** Sums of neighbouring channels, one by one: only depth multipliers above 1 need it. */
function sumGroups(): string {
  const arg = argumentsOf("f32-sum-groups");
  return kernel(
    "f32-sum-groups",
    share(arg("rows")),
    whileBelow(
      "from",
      get("to"),
      set("a", add(arg("a"), mul(get("from"), arg("aStep")))),
      set("c", add(arg("c"), mul(get("from"), arg("cStep")))),
      set("i", i32(0)),
      whileBelow(
        "i",
        arg("channels"),
        set("sum", f32(0)),
        set("j", i32(0)),
        whileBelow(
          "j",
          arg("multiplier"),
          set("sum", f32.add(get("sum"), f32.load(get("a")))),
          advance("a", i32(4)),
          advance("j", i32(1)),
        ),
        f32.store(get("c"), get("sum")),
        advance("c", i32(4)),
        advance("i", i32(1)),
      ),
      advance("from", i32(1)),
    ),
  );
}

export const trainingElementwise = (isa: Isa) =>
  [activationGrad(isa), broadcast(), maxGrad(), dotRows(isa), sumGroups()].join("\n");
