import type { KernelName } from "./signatures.ts";
import {
  add,
  advance,
  argument,
  argumentsOf,
  get,
  i32,
  kernel,
  locals,
  mul,
  set,
  share,
  splat,
  storeVectors,
  sub,
  times,
  whileBelow,
} from "./wat.ts";

/** Vectors of channels reduced side by side: a cache line of 16 floats, and enough sums in flight. */
const WIDE = 4;

type Reduction = KernelName & ("f32-sum-rows" | "f32-max-rows");

/** Reduces each image of a map over its pixels. Threads share images and channels, in groups of a cache line. */
function reduceRows(name: Reduction, start: string, combine: string, prepare = "", finish = (x: string) => x): string {
  const arg = argumentsOf(name);
  const pass = (width: number) => `
    (block $end-${width} (loop $again-${width}
      (br_if $end-${width} (i32.gt_u ${add(get("from"), i32(4 * width))} ${get("to")}))
      ${times(width, (i) => set(`acc${i}`, start))}
      ${set("a", add(add(arg("a"), mul(get("image"), arg("aImage"))), `(i32.shl ${get("from")} ${i32(2)})`))}
      ${set("row", arg("rows"))}
      (loop $rows-${width}
        ${times(width, (i) =>
          set(`acc${i}`, `(${combine} ${get(`acc${i}`)} (v128.load offset=${16 * i} ${get("a")}))`),
        )}
        ${advance("a", get("step"))}
        (br_if $rows-${width} (local.tee $row (i32.sub ${get("row")} ${i32(1)}))))
      ${set("c", add(add(arg("c"), mul(get("image"), arg("cImage"))), `(i32.shl ${get("from")} ${i32(2)})`))}
      ${times(width, (i) => set(`acc${i}`, finish(get(`acc${i}`))))}
      ${storeVectors(
        "c",
        Array.from({ length: width }, (_, i) => get(`acc${i}`)),
      )}
      ${advance("from", i32(4 * width))}
      (br $again-${width})))`;
  return kernel(
    name,
    `${locals("i32", "from", "to", "total", "item", "last", "groups", "image", "a", "c", "row", "step")} ${times(WIDE, (i) => locals("v128", `acc${i}`))}
    ${prepare}
    ${set("groups", `(i32.div_u ${add(arg("channels"), i32(4 * WIDE - 1))} ${i32(4 * WIDE)})`)}
    ${share(mul(arg("images"), get("groups")))}
    ${set("item", get("from"))}
    ${set("last", get("to"))}
    ${set("step", arg("aStep"))}
    ${whileBelow(
      "item",
      get("last"),
      `${set("image", `(i32.div_u ${get("item")} ${get("groups")})`)}
      ${set("from", mul(sub(get("item"), mul(get("image"), get("groups"))), i32(4 * WIDE)))}
      ${set("to", add(get("from"), i32(4 * WIDE)))}
      (if (i32.gt_u ${get("to")} ${arg("channels")}) (then ${set("to", arg("channels"))}))
      ${pass(WIDE)}
      ${pass(1)}
      ${advance("item", i32(1))}`,
    )}`,
  );
}

const zero = "(v128.const i32x4 0 0 0 0)";
const minusInfinity = "(v128.const f32x4 -inf -inf -inf -inf)";

export const reduce = () =>
  [
    reduceRows(
      "f32-sum-rows",
      zero,
      "f32x4.add",
      `${locals("v128", "scale")} ${set("scale", splat(argument("f32-sum-rows", "scale")))}`,
      (x) => `(f32x4.mul ${x} ${get("scale")})`,
    ),
    reduceRows("f32-max-rows", minusInfinity, "f32x4.max"),
  ].join("\n");
