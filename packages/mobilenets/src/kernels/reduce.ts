import { add, f32x4, get, i32, i32x4, mul, set, sub, times, v128, when } from "./instructions.ts";
import type { KernelName } from "./signatures.ts";
import { advance, argument, argumentsOf, countdown, kernel, share, storeVectors, until, whileBelow } from "./wat.ts";

/** Vectors of channels reduced together: a cache line of 16 floats, and enough sums to hide latency. */
const WIDE = 4;

type Reduction = KernelName & ("f32-sum-rows" | "f32-max-rows");

/** Reduces each image of a map over its pixels. Threads share images and channels, in groups of a cache line. */
function reduceRows(
  name: Reduction,
  start: string,
  combine: (sum: string, x: string) => string,
  prepare = "",
  finish = (x: string) => x,
): string {
  const arg = argumentsOf(name);
  const pass = (width: number) =>
    until(
      `again-${width}`,
      i32.gt_u(add(get("from"), i32(4 * width)), get("to")),
      times(width, (i) => set(`acc${i}`, start)),
      set("a", add(add(arg("a"), mul(get("image"), arg("aImage"))), i32.shl(get("from"), i32(2)))),
      set("row", arg("rows")),
      countdown(
        `rows-${width}`,
        "row",
        1,
        times(width, (i) => set(`acc${i}`, combine(get(`acc${i}`), v128.load(get("a"), 16 * i)))),
        advance("a", get("step")),
      ),
      set("c", add(add(arg("c"), mul(get("image"), arg("cImage"))), i32.shl(get("from"), i32(2)))),
      times(width, (i) => set(`acc${i}`, finish(get(`acc${i}`)))),
      storeVectors(
        "c",
        Array.from({ length: width }, (_, i) => get(`acc${i}`)),
      ),
      advance("from", i32(4 * width)),
    );
  return kernel(
    name,
    prepare,
    set("groups", i32.div_u(add(arg("channels"), i32(4 * WIDE - 1)), i32(4 * WIDE))),
    share(mul(arg("images"), get("groups"))),
    set("item", get("from")),
    set("last", get("to")),
    set("step", arg("aStep")),
    whileBelow(
      "item",
      get("last"),
      set("image", i32.div_u(get("item"), get("groups"))),
      set("from", mul(sub(get("item"), mul(get("image"), get("groups"))), i32(4 * WIDE))),
      set("to", add(get("from"), i32(4 * WIDE))),
      when(i32.gt_u(get("to"), arg("channels")), set("to", arg("channels"))),
      pass(WIDE),
      pass(1),
      advance("item", i32(1)),
    ),
  );
}

const zero = i32x4(0);
const minusInfinity = f32x4(-Infinity);

export const reduce = () =>
  [
    reduceRows("f32-sum-rows", zero, f32x4.add, set("scale", f32x4.splat(argument("f32-sum-rows", "scale"))), (x) =>
      f32x4.mul(x, get("scale")),
    ),
    reduceRows("f32-max-rows", minusInfinity, f32x4.max),
  ].join("\n");
