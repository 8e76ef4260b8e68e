import type { KernelName } from "./signatures.ts";
import { add, advance, argument, get, i32, kernel, locals, set, share, splat, times } from "./wat.ts";

/** Vectors of channels reduced side by side: a cache line of 16 floats, and enough sums in flight. */
const WIDE = 4;

type Reduction = KernelName & ("f32-sum-rows" | "f32-max-rows");

/** Reduces a map over its pixels. Threads share the channels. */
function reduceRows(name: Reduction, start: string, combine: string, finish: (x: string) => string): string {
  const arg = (field: string) => argument(name, field as "a");
  const pass = (width: number) => `
    (block $end-${width} (loop $again-${width}
      (br_if $end-${width} (i32.gt_u ${add(get("from"), i32(4 * width))} ${get("to")}))
      ${times(width, (i) => set(`acc${i}`, start))}
      ${set("a", add(arg("a"), `(i32.shl ${get("from")} ${i32(2)})`))}
      ${set("row", arg("rows"))}
      (loop $rows-${width}
        ${times(width, (i) =>
          set(`acc${i}`, `(${combine} ${get(`acc${i}`)} (v128.load offset=${16 * i} ${get("a")}))`),
        )}
        ${advance("a", get("step"))}
        (br_if $rows-${width} (local.tee $row (i32.sub ${get("row")} ${i32(1)}))))
      ${set("c", add(arg("c"), `(i32.shl ${get("from")} ${i32(2)})`))}
      ${times(width, (i) => `(v128.store offset=${16 * i} ${get("c")} ${finish(get(`acc${i}`))})`)}
      ${advance("from", i32(4 * width))}
      (br $again-${width})))`;
  return kernel(
    name,
    `${locals("i32", "from", "to", "total", "a", "c", "row", "step")} ${times(WIDE, (i) => locals("v128", `acc${i}`))}
    ${share(arg("channels"), 4 * WIDE)}
    ${set("step", arg("aStep"))}
    ${pass(WIDE)}
    ${pass(1)}`,
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
      (x) => `(f32x4.mul ${x} ${splat(argument("f32-sum-rows", "scale"))})`,
    ),
    reduceRows("f32-max-rows", minusInfinity, "f32x4.max", (x) => x),
  ].join("\n");
