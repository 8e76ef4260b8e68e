import {
  type ArgumentsOf,
  activate,
  add,
  advance,
  argumentsOf,
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
  sub,
  whileBelow,
} from "./wat.ts";

const counters = locals("i32", "from", "to", "total", "i", "a", "b", "c");
const at = (base: string) => add(get(base), get("i"));
const load = (base: string) => `(v128.load ${at(base)})`;

/** Pixels shared among threads; inside one, `$i` is a vector's byte offset and `$a`, `$b`, `$c` its operands' addresses. */
export function perPixel<K extends "f32-add" | "f32-affine" | "f32-sigmoid" | "f32-function" | "f32-function-grad">(
  name: K,
  operands: readonly OperandOf<K>[],
  value: (arg: ArgumentsOf<K>) => string,
): string {
  const arg = argumentsOf(name);
  return kernel(
    name,
    `${counters}
    ${share(arg("rows"))}
    ${operands.map((x) => set(x, add(operandOf(name, x).at, mul(get("from"), operandOf(name, x).step)))).join("\n")}
    ${whileBelow(
      "from",
      get("to"),
      `${set("i", i32(0))}
      ${whileBelow("i", arg("bytes"), `(v128.store ${at("c")} ${value(arg)}) ${advance("i", i32(16))}`)}
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
    `${counters} ${locals("i32", "image", "row", "end")}
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
        `${set("i", i32(0))}
        ${whileBelow("i", arg("bytes"), `(v128.store ${at("c")} (f32x4.mul ${load("a")} ${load("b")})) ${advance("i", i32(16))}`)}
        ${(["a", "b", "c"] as const).map((x) => advance(x, arg(`${x}Step`))).join("\n")}
        ${advance("from", i32(1))}`,
      )}`,
    )}`,
  );
}

function unary(isa: Isa): string {
  const arg = argumentsOf("f32-unary");
  const scaled = fma(isa, get("x"), get("scale"), get("offset"));
  const compute = (x: string) => `${set("x", x)} ${set("x", scaled)} ${activate(isa, ["x"])}`;
  return kernel(
    "f32-unary",
    `${counters} ${locals("i32", "image", "row", "act", "vectors", "end")} ${locals("v128", "low", "high", "scale", "offset", "x")}
    ${set("act", arg("act"))}
    ${set("low", splat(arg("min")))}
    ${set("high", splat(arg("max")))}
    ${set("scale", splat(arg("scale")))}
    ${set("offset", splat(arg("offset")))}
    ${set("end", `(i32.shl ${arg("count")} ${i32(2)})`)}
    ${set("vectors", `(i32.and ${get("end")} ${i32(-16)})`)}
    ${share(mul(arg("images"), arg("rows")))}
    ${whileBelow(
      "from",
      get("to"),
      `${imageAndRow(arg("rows"))}
      ${set("a", add(arg("a"), add(mul(get("image"), arg("aImage")), mul(get("row"), arg("aPitch")))))}
      ${set("c", add(arg("c"), add(mul(get("image"), arg("cImage")), mul(get("row"), arg("cPitch")))))}
      ${set("i", i32(0))}
      ${whileBelow("i", get("vectors"), `${compute(load("a"))} (v128.store ${at("c")} ${get("x")}) ${advance("i", i32(16))}`)}
      (block $tail-done (loop $tail
        (br_if $tail-done (i32.ge_u ${get("i")} ${get("end")}))
        ${compute(`(v128.load32_zero ${at("a")})`)}
        (v128.store32_lane 0 ${at("c")} ${get("x")})
        ${advance("i", i32(4))}
        (br $tail)))
      ${advance("from", i32(1))}`,
    )}`,
  );
}

const one = "(v128.const f32x4 1 1 1 1)";

export const elementwise = (isa: Isa) =>
  [
    unary(isa),
    perPixel("f32-add", ["a", "b", "c"], () => `(f32x4.add ${load("a")} ${load("b")})`),
    multiply(),
    perPixel("f32-affine", ["a", "c"], (arg) => {
      const constant = (field: "scale" | "offset") => `(v128.load ${add(arg(field), get("i"))})`;
      return fma(isa, load("a"), constant("scale"), constant("offset"));
    }),
    perPixel(
      "f32-sigmoid",
      ["a", "c"],
      () => `(f32x4.div ${one} (f32x4.add ${one} (call $exp (f32x4.neg ${load("a")}))))`,
    ),
  ].join("\n");
