import { add, code, f32, f32x4, get, i32, mul, select, set, sub, v128, when } from "../instructions.ts";
import { type ArgumentsOf, advance, argumentsOf, imageAndRow, kernel, operandOf, share, whileBelow } from "../wat.ts";
import { eachVectorOfRows } from "./each-vector.ts";

/** Size arguments of both kernels. */
type Sizes = ArgumentsOf<"f32-resize" | "f32-resize-grad">;

/** Sets the two input rows (or columns) around row `at` of the result, `$first` and `$last`, and the fraction `$part`. */
function taps(arg: Sizes, axis: "y" | "x", at: string, first: string, last: string, part: string): string {
  const [scale, size] = axis === "y" ? [arg("yScale"), arg("height")] : [arg("xScale"), arg("width")];
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

/** Threads share rows of the result. */
function forward(): string {
  const arg = argumentsOf("f32-resize");
  const pixel = (row: string, column: string) =>
    v128.load(add(add(get(row), mul(get(column), arg("aStep"))), get("i")));
  /** The address of the input row whose number is in a local. */
  const rowAt = (row: string) => add(add(arg("a"), mul(get("image"), arg("aImage"))), mul(get(row), arg("aPitch")));
  return kernel(
    "f32-resize",
    eachVectorOfRows(
      { images: arg("images"), height: arg("outHeight"), width: arg("outWidth"), bytes: arg("bytes") },
      {
        row: code(
          taps(arg, "y", get("row"), "top", "bottom", "v"),
          set("upper", rowAt("top")),
          set("lower", rowAt("bottom")),
        ),
        pixel: taps(arg, "x", get("column"), "left", "right", "h"),
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
}

/** Runs `body` for each pixel of an image of `height` rows and `width` columns, and `ofRow` before each row. */
function eachPixel(height: string, width: string, ofRow: string, body: string): string {
  const columns = code(set("column", i32(0)), whileBelow("column", width, body, advance("column", i32(1))));
  return code(set("row", i32(0)), whileBelow("row", height, ofRow, columns, advance("row", i32(1))));
}

/** Splits each pixel of the result's gradient among four input pixels. Threads share vectors of channels of images. */
function backward(): string {
  const arg = argumentsOf("f32-resize-grad");
  const at = (name: "c" | "d", row: string, column: string) => {
    const x = operandOf("f32-resize-grad", name);
    return add(add(add(x.at, mul(get("image"), x.image)), get("i")), add(mul(row, x.pitch), mul(column, x.step)));
  };
  const give = (row: string, column: string, part: string) =>
    code(
      set("sum", at("c", get(row), get(column))),
      v128.store(get("sum"), f32x4.add(v128.load(get("sum")), f32x4.mul(get("dy"), f32x4.splat(part)))),
    );
  const less = (part: string) => f32.sub(f32(1), get(part));
  return kernel(
    "f32-resize-grad",
    set("vectors", i32.div_u(arg("bytes"), i32(16))),
    share(mul(arg("images"), get("vectors"))),
    whileBelow(
      "from",
      get("to"),
      imageAndRow(get("vectors")),
      set("i", mul(get("row"), i32(16))),
      eachPixel(arg("height"), arg("width"), "", v128.store(at("c", get("row"), get("column")), f32x4(0))),
      eachPixel(
        arg("outHeight"),
        arg("outWidth"),
        taps(arg, "y", get("row"), "top", "bottom", "v"),
        code(
          taps(arg, "x", get("column"), "left", "right", "h"),
          set("dy", v128.load(at("d", get("row"), get("column")))),
          give("top", "left", f32.mul(less("v"), less("h"))),
          give("top", "right", f32.mul(less("v"), get("h"))),
          give("bottom", "left", f32.mul(get("v"), less("h"))),
          give("bottom", "right", f32.mul(get("v"), get("h"))),
        ),
      ),
      advance("from", i32(1)),
    ),
  );
}

export const resize = () => code(forward(), backward());
