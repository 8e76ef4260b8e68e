import type { KernelName } from "./signatures.ts";
import {
  activate,
  add,
  advance,
  argument,
  fma,
  get,
  type Isa,
  i32,
  kernel,
  locals,
  set,
  share,
  splat,
  whileBelow,
} from "./wat.ts";

/**
 * A loop over vectors of 4 floats, shared among threads in pieces of whole cache lines. `$i` is the byte offset.
 * Buffers are multiples of 16 bytes long, so the last vector may reach past `count` without harm.
 */
const vectors = (count: string, body: string) => `
  ${share(count, 16)}
  ${set("from", `(i32.shl ${get("from")} ${i32(2)})`)}
  ${set("to", `(i32.shl ${get("to")} ${i32(2)})`)}
  ${set("i", get("from"))}
  ${whileBelow("i", get("to"), `${body} ${advance("i", i32(16))}`)}`;

const counters = locals("i32", "from", "to", "total", "i");
const at = (base: string) => add(base, get("i"));
const load = (base: string) => `(v128.load ${at(base)})`;

const unary = (isa: Isa) => {
  const arg = (field: Parameters<typeof argument<"f32-unary">>[1]) => argument("f32-unary", field);
  const scaled = fma(isa, load(arg("a")), get("scale"), get("offset"));
  return kernel(
    "f32-unary",
    `${counters} ${locals("i32", "act")} ${locals("v128", "low", "high", "scale", "offset", "x")}
    ${set("act", arg("act"))}
    ${set("low", splat(arg("min")))}
    ${set("high", splat(arg("max")))}
    ${set("scale", splat(arg("scale")))}
    ${set("offset", splat(arg("offset")))}
    ${vectors(arg("count"), `${set("x", scaled)} ${activate(["x"])} (v128.store ${at(arg("c"))} ${get("x")})`)}`,
  );
};

const binary = (name: KernelName & ("f32-add" | "f32-multiply"), instruction: string) => {
  const arg = (field: Parameters<typeof argument<"f32-add">>[1]) => argument(name, field);
  return kernel(
    name,
    `${counters}
    ${vectors(arg("count"), `(v128.store ${at(arg("c"))} (${instruction} ${load(arg("a"))} ${load(arg("b"))}))`)}`,
  );
};

/** Rows shared among threads; inside a row `$i` is the byte offset of a vector, `$a` and `$c` the row's addresses. */
const rows = (
  name: KernelName & ("f32-affine" | "f32-scale-rows"),
  value: (arg: (field: string) => string) => string,
) => {
  const arg = (field: string) => argument(name, field as "a");
  return kernel(
    name,
    `${counters} ${locals("i32", "a", "c", "bytes")}
    ${share(arg("rows"))}
    ${set("bytes", `(i32.shl ${arg("cs")} ${i32(2)})`)}
    ${set("a", add(arg("a"), `(i32.mul ${get("from")} ${get("bytes")})`))}
    ${set("c", add(arg("c"), `(i32.mul ${get("from")} ${get("bytes")})`))}
    ${whileBelow(
      "from",
      get("to"),
      `${set("i", i32(0))}
      ${whileBelow("i", get("bytes"), `(v128.store ${at(get("c"))} ${value(arg)}) ${advance("i", i32(16))}`)}
      ${advance("a", get("bytes"))}
      ${advance("c", get("bytes"))}
      ${advance("from", i32(1))}`,
    )}`,
  );
};

export const elementwise = (isa: Isa) =>
  [
    unary(isa),
    binary("f32-add", "f32x4.add"),
    binary("f32-multiply", "f32x4.mul"),
    rows("f32-affine", (arg) => fma(isa, load(get("a")), load(arg("scale")), load(arg("offset")))),
    rows("f32-scale-rows", (arg) => `(f32x4.mul ${load(get("a"))} ${load(arg("b"))})`),
  ].join("\n");
