import { add, code, f32x4, get, i32, mul, set, sub, v128, when } from "./instructions.ts";
import type { KernelField, KernelName } from "./signatures.ts";
import {
  activate,
  advance,
  argumentsOf,
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
} from "./wat.ts";

/** Loads an operand's current vector. */
export type Load = (operand: string) => string;
const loadOf =
  (j: number): Load =>
  (operand) =>
    vectorOf(operand, j);

/** Code for a pixel's results; `before` prepares each of them. */
const eachResult = (
  bytes: string,
  operands: readonly string[],
  value: (load: Load, j: number) => string,
  before?: typeof value,
) =>
  eachVector(bytes, operands, (vectors) => {
    const all = (each: typeof value) => Array.from({ length: vectors }, (_, j) => each(loadOf(j), j));
    return code(before ? all(before) : [], storeVectors("at-c", all(value)));
  });

interface PixelOptions<K extends KernelName> {
  /** Arguments that are addresses of one pixel shared by all pixels. */
  readonly constants?: readonly KernelField<K>[];
  /** Code that prepares a pixel's results, before any is stored. */
  readonly before?: (load: Load, j: number) => string;
}

/**
 * Threads share the pixels. In a pixel, `$i` is a vector's offset in bytes, and `$a`, `$b`, `$c` are its operands'
 * addresses.
 */
export function perPixel<K extends "f32-add" | "f32-affine" | "f32-sigmoid" | "f32-function" | "f32-function-grad">(
  name: K,
  operands: readonly OperandOf<K>[],
  value: (load: Load, j: number) => string,
  { constants = [], before }: PixelOptions<K> = {},
): string {
  const arg = argumentsOf(name);
  return kernel(
    name,
    constants.map((x) => set(x, arg(x))),
    share(arg("rows")),
    operands.map((x) => set(x, add(operandOf(name, x).at, mul(get("from"), operandOf(name, x).step)))),
    whileBelow(
      "from",
      get("to"),
      eachResult(arg("bytes"), [...operands, ...constants], value, before),
      operands.map((x) => advance(x, operandOf(name, x).step)),
      advance("from", i32(1)),
    ),
  );
}

/** Multiplies image by image, because each has its own gate. Threads share the pixels of all images. */
function multiply(): string {
  const arg = argumentsOf("f32-multiply");
  return kernel(
    "f32-multiply",
    share(mul(arg("images"), arg("rows"))),
    set("a", add(arg("a"), mul(get("from"), arg("aStep")))),
    set("c", add(arg("c"), mul(get("from"), arg("cStep")))),
    whileBelow(
      "from",
      get("to"),
      imageAndRow(arg("rows")),
      set("b", add(arg("b"), add(mul(get("image"), arg("bImage")), mul(get("row"), arg("bStep"))))),
      set("end", sub(add(get("from"), arg("rows")), get("row"))),
      when(i32.gt_u(get("end"), get("to")), set("end", get("to"))),
      whileBelow(
        "from",
        get("end"),
        eachResult(arg("bytes"), ["a", "b", "c"], (load) => f32x4.mul(load("a"), load("b"))),
        (["a", "b", "c"] as const).map((x) => advance(x, arg(`${x}Step`))),
        advance("from", i32(1)),
      ),
    ),
  );
}

function unary(isa: Isa): string {
  const arg = argumentsOf("f32-unary");
  const compute = (...values: string[]) => {
    const names = values.map((_, j) => `v${j}`);
    return code(
      values.map((value, j) => set(names[j], fma(isa, value, get("scale"), get("offset")))),
      activate(isa, names),
    );
  };
  return kernel(
    "f32-unary",
    set("act", arg("act")),
    set("low", f32x4.splat(arg("min"))),
    set("high", f32x4.splat(arg("max"))),
    set("scale", f32x4.splat(arg("scale"))),
    set("offset", f32x4.splat(arg("offset"))),
    set("end", i32.shl(arg("count"), i32(2))),
    share(mul(arg("images"), arg("rows"))),
    whileBelow(
      "from",
      get("to"),
      imageAndRow(arg("rows")),
      set("a", add(arg("a"), add(mul(get("image"), arg("aImage")), mul(get("row"), arg("aPitch"))))),
      set("c", add(arg("c"), add(mul(get("image"), arg("cImage")), mul(get("row"), arg("cPitch"))))),
      eachVector(i32.and(get("end"), i32(-16)), ["a", "c"], (vectors) => {
        const names = ["v0", "v1"].slice(0, vectors);
        return code(compute(...names.map((_, j) => vectorOf("a", j))), storeVectors("at-c", names.map(get)));
      }),
      until(
        "tail",
        i32.ge_u(get("i"), get("end")),
        compute(v128.load32_zero(add(get("a"), get("i")))),
        v128.store32_lane(0, add(get("c"), get("i")), get("v0")),
        advance("i", i32(4)),
      ),
      advance("from", i32(1)),
    ),
  );
}

export const elementwise = (isa: Isa) =>
  [
    unary(isa),
    perPixel("f32-add", ["a", "b", "c"], (load) => f32x4.add(load("a"), load("b"))),
    multiply(),
    perPixel("f32-affine", ["a", "c"], (load) => fma(isa, load("a"), load("scale"), load("offset")), {
      constants: ["scale", "offset"],
    }),
  ].join("\n");
