import type { KernelField, KernelName } from "./signatures.ts";
import {
  activate,
  add,
  addressesOf,
  advance,
  argumentsOf,
  eachVector,
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
  vectorOf,
  whileBelow,
} from "./wat.ts";

const counters = locals("i32", "from", "to", "total", "i", "a", "b", "c");
const addresses = addressesOf(["a", "b", "c"]);

/** Loads the vector of an operand that is being computed. */
export type Load = (operand: string) => string;
const loadOf =
  (j: number): Load =>
  (operand) =>
    vectorOf(operand, j);

/** A pixel's results: `before` prepares what each of them needs. */
const eachResult = (
  bytes: string,
  operands: readonly string[],
  value: (load: Load, j: number) => string,
  before?: typeof value,
) =>
  eachVector(bytes, operands, (vectors) => {
    const all = (code: typeof value) => Array.from({ length: vectors }, (_, j) => code(loadOf(j), j));
    return `${before ? all(before).join("\n") : ""} ${storeVectors("at-c", all(value))}`;
  });

interface PixelOptions<K extends KernelName> {
  /** Arguments that are addresses of one pixel for all. */
  readonly constants?: readonly KernelField<K>[];
  /** What each of a pixel's results needs, computed before any is stored. */
  readonly before?: (load: Load, j: number) => string;
  /** Declares locals that `before` needs. */
  readonly more?: string;
}

/**
 * Pixels shared among threads; inside one, `$i` is a vector's byte offset and `$a`, `$b`, `$c` its operands' addresses.
 */
export function perPixel<K extends "f32-add" | "f32-affine" | "f32-sigmoid" | "f32-function" | "f32-function-grad">(
  name: K,
  operands: readonly OperandOf<K>[],
  value: (load: Load, j: number) => string,
  { constants = [], before, more = "" }: PixelOptions<K> = {},
): string {
  const arg = argumentsOf(name);
  return kernel(
    name,
    `${counters} ${addresses} ${locals("i32", ...constants)} ${addressesOf(constants)} ${more}
    ${constants.map((x) => set(x, arg(x))).join("\n")}
    ${share(arg("rows"))}
    ${operands.map((x) => set(x, add(operandOf(name, x).at, mul(get("from"), operandOf(name, x).step)))).join("\n")}
    ${whileBelow(
      "from",
      get("to"),
      `${eachResult(arg("bytes"), [...operands, ...constants], value, before)}
      ${operands.map((x) => advance(x, operandOf(name, x).step)).join("\n")}
      ${advance("from", i32(1))}`,
    )}`,
  );
}

/** Image by image, as each has its own gate; pixels of all images are shared among threads. */
function multiply(): string {
  const arg = argumentsOf("f32-multiply");
  return kernel(
    "f32-multiply",
    `${counters} ${addresses} ${locals("i32", "image", "row", "end")}
    ${share(mul(arg("images"), arg("rows")))}
    ${set("a", add(arg("a"), mul(get("from"), arg("aStep"))))}
    ${set("c", add(arg("c"), mul(get("from"), arg("cStep"))))}
    ${whileBelow(
      "from",
      get("to"),
      `${imageAndRow(arg("rows"))}
      ${set("b", add(arg("b"), add(mul(get("image"), arg("bImage")), mul(get("row"), arg("bStep")))))}
      ${set("end", sub(add(get("from"), arg("rows")), get("row")))}
      (if (i32.gt_u ${get("end")} ${get("to")}) (then ${set("end", get("to"))}))
      ${whileBelow(
        "from",
        get("end"),
        `${eachResult(arg("bytes"), ["a", "b", "c"], (load) => `(f32x4.mul ${load("a")} ${load("b")})`)}
        ${(["a", "b", "c"] as const).map((x) => advance(x, arg(`${x}Step`))).join("\n")}
        ${advance("from", i32(1))}`,
      )}`,
    )}`,
  );
}

function unary(isa: Isa): string {
  const arg = argumentsOf("f32-unary");
  const compute = (...values: string[]) => {
    const names = values.map((_, j) => `v${j}`);
    return `${values.map((value, j) => set(names[j], fma(isa, value, get("scale"), get("offset")))).join("\n")} ${activate(isa, names)}`;
  };
  return kernel(
    "f32-unary",
    `${counters} ${addresses} ${locals("i32", "image", "row", "act", "end")} ${locals("v128", "v0", "v1", "low", "high", "scale", "offset")}
    ${set("act", arg("act"))}
    ${set("low", splat(arg("min")))}
    ${set("high", splat(arg("max")))}
    ${set("scale", splat(arg("scale")))}
    ${set("offset", splat(arg("offset")))}
    ${set("end", `(i32.shl ${arg("count")} ${i32(2)})`)}
    ${share(mul(arg("images"), arg("rows")))}
    ${whileBelow(
      "from",
      get("to"),
      `${imageAndRow(arg("rows"))}
      ${set("a", add(arg("a"), add(mul(get("image"), arg("aImage")), mul(get("row"), arg("aPitch")))))}
      ${set("c", add(arg("c"), add(mul(get("image"), arg("cImage")), mul(get("row"), arg("cPitch")))))}
      ${eachVector(`(i32.and ${get("end")} ${i32(-16)})`, ["a", "c"], (vectors) => {
        const names = ["v0", "v1"].slice(0, vectors);
        return `${compute(...names.map((_, j) => vectorOf("a", j)))} ${storeVectors("at-c", names.map(get))}`;
      })}
      (block $tail-done (loop $tail
        (br_if $tail-done (i32.ge_u ${get("i")} ${get("end")}))
        ${compute(`(v128.load32_zero ${add(get("a"), get("i"))})`)}
        (v128.store32_lane 0 ${add(get("c"), get("i"))} ${get("v0")})
        ${advance("i", i32(4))}
        (br $tail)))
      ${advance("from", i32(1))}`,
    )}`,
  );
}

export const elementwise = (isa: Isa) =>
  [
    unary(isa),
    perPixel("f32-add", ["a", "b", "c"], (load) => `(f32x4.add ${load("a")} ${load("b")})`),
    multiply(),
    perPixel("f32-affine", ["a", "c"], (load) => fma(isa, load("a"), load("scale"), load("offset")), {
      constants: ["scale", "offset"],
    }),
  ].join("\n");
