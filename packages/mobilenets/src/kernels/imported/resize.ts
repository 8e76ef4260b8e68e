import { add, code, f32, f32x4, get, i32, mul, select, set, sub, v128, when } from "../instructions.ts";
import { argumentsOf, kernel } from "../wat.ts";
import { eachVectorOfRows } from "./each-vector.ts";

const arg = argumentsOf("f32-resize");

/** The two rows (or columns) that number `at` of the result lies between, in `$first` and `$last`, and `$part` of the way. */
function taps(at: string, scale: string, size: string, first: string, last: string, part: string): string {
  const end = sub(size, i32(1));
  const smaller = (a: string) => select(a, end, i32.lt_s(a, end));
  return code(
    set(part, f32.mul(f32.add(f32.convert_i32_u(at), f32(0.5)), scale)),
    when(
      arg("nearest"),
      code(
        set(first, i32.trunc_f32_u(get(part))),
        set(first, smaller(get(first))),
        set(last, get(first)),
        set(part, f32(0)),
      ),
      code(
        set(part, f32.sub(get(part), f32(0.5))),
        set(first, i32.trunc_f32_s(f32.floor(get(part)))),
        set(part, f32.sub(get(part), f32.floor(get(part)))),
        set(last, add(get(first), i32(1))),
        set(last, smaller(get(last))),
        set(first, select(get(first), i32(0), i32.gt_s(get(first), i32(0)))),
      ),
    ),
  );
}

const between = (a: string, b: string, part: string) =>
  f32x4.add(a, f32x4.mul(f32x4.sub(b, a), f32x4.splat(get(part))));
const pixel = (row: string, column: string) => v128.load(add(add(get(row), mul(get(column), arg("aStep"))), get("i")));

/** The first pixel of a row of the input, whose number is in a local. */
const rowAt = (row: string) => add(add(arg("a"), mul(get("image"), arg("aImage"))), mul(get(row), arg("aPitch")));

/** Threads share rows of the result. */
export const resize = () =>
  kernel(
    "f32-resize",
    eachVectorOfRows(
      { images: arg("images"), height: arg("outHeight"), width: arg("outWidth"), bytes: arg("bytes") },
      {
        row: code(
          taps(get("row"), arg("yScale"), arg("height"), "top", "bottom", "v"),
          set("upper", rowAt("top")),
          set("lower", rowAt("bottom")),
        ),
        pixel: taps(get("column"), arg("xScale"), arg("width"), "left", "right", "h"),
      },
      code(
        set("p", between(pixel("upper", "left"), pixel("upper", "right"), "h")),
        set("q", between(pixel("lower", "left"), pixel("lower", "right"), "h")),
        v128.store(
          add(
            add(add(arg("c"), mul(get("image"), arg("cImage"))), get("i")),
            add(mul(get("row"), arg("cPitch")), mul(get("column"), arg("cStep"))),
          ),
          between(get("p"), get("q"), "v"),
        ),
      ),
    ),
  );
