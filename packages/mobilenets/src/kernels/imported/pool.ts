import { add, code, f32, f32x4, get, i32, mul, select, set, sub, v128, when } from "../instructions.ts";
import { type ArgumentsOf, advance, argumentsOf, kernel, operandOf, whileBelow } from "../wat.ts";
import { eachVectorOfRows } from "./each-vector.ts";

/** Window arguments of both kernels. */
type Windows = ArgumentsOf<"f32-pool" | "f32-pool-grad">;

/** The address of `$image`'s row and column in a map. */
const pixelAt = (x: { at: string; image: string; pitch: string; step: string }, row: string, column: string) =>
  add(add(x.at, mul(get("image"), x.image)), add(mul(row, x.pitch), mul(column, x.step)));
const smaller = (a: string, b: string) => select(a, b, i32.lt_s(a, b));
const larger = (a: string, b: string) => select(a, b, i32.gt_s(a, b));

/** Rows (or columns) of the map under window `at`: from `$y0` up to, but excluding, `$y1`. */
function under(arg: Windows, axis: "y" | "x", at: string): string {
  const [stride, start, kernelSize, size] =
    axis === "y" ? (["sh", "top", "kh", "height"] as const) : (["sw", "left", "kw", "width"] as const);
  const first = `${axis}0`;
  const begin = sub(mul(at, arg(stride)), arg(start));
  return code(
    set(first, begin),
    set(`${axis}1`, smaller(add(get(first), arg(kernelSize)), arg(size))),
    set(first, larger(get(first), i32(0))),
  );
}

/** Threads share rows of the result. */
function forward(): string {
  const arg = argumentsOf("f32-pool");
  const [a, c] = [operandOf("f32-pool", "a"), operandOf("f32-pool", "c")];
  const value = v128.load(add(pixelAt(a, get("y"), get("x")), get("i")));
  const count = mul(sub(get("y1"), get("y0")), sub(get("x1"), get("x0")));
  const sizes = { images: arg("images"), height: arg("outHeight"), width: arg("outWidth"), bytes: arg("bytes") };
  return kernel(
    "f32-pool",
    eachVectorOfRows(
      sizes,
      { row: under(arg, "y", get("row")), pixel: under(arg, "x", get("column")) },
      code(
        set("sum", select(f32x4(-Infinity), f32x4(0), arg("max"))),
        set("y", get("y0")),
        whileBelow(
          "y",
          get("y1"),
          set("x", get("x0")),
          whileBelow(
            "x",
            get("x1"),
            when(arg("max"), set("sum", f32x4.max(get("sum"), value)), set("sum", f32x4.add(get("sum"), value))),
            advance("x", i32(1)),
          ),
          advance("y", i32(1)),
        ),
        when(i32.eqz(arg("max")), set("sum", f32x4.div(get("sum"), f32x4.splat(f32.convert_i32_u(count))))),
        v128.store(add(pixelAt(c, get("row"), get("column")), get("i")), get("sum")),
      ),
    ),
  );
}

/** Windows over row (or column) `at`: from `$v` up to, but excluding, `$v1`. */
function over(arg: Windows, axis: "y" | "x", at: string): string {
  const [stride, start, size, windows] =
    axis === "y" ? (["sh", "top", "kh", "outHeight"] as const) : (["sw", "left", "kw", "outWidth"] as const);
  const [first, end] = axis === "y" ? ["v", "v1"] : ["u", "u1"];
  const position = add(at, arg(start));
  // The first window with begin + size > position: division rounds towards 0, so negative numbers become 0 before it.
  const before = sub(position, sub(arg(size), arg(stride)));
  return code(
    set(first, i32.div_s(larger(before, i32(0)), arg(stride))),
    set(end, smaller(add(i32.div_s(position, arg(stride)), i32(1)), arg(windows))),
  );
}

/** Gathers each input pixel from the windows over it. Threads share the input's rows. */
function backward(): string {
  const arg = argumentsOf("f32-pool-grad");
  const load = (x: "a" | "b" | "d", row: string, column: string) =>
    v128.load(add(pixelAt(operandOf("f32-pool-grad", x), row, column), get("i")));
  const c = operandOf("f32-pool-grad", "c");
  const count = mul(sub(get("y1"), get("y0")), sub(get("x1"), get("x0")));
  const sizes = { images: arg("images"), height: arg("height"), width: arg("width"), bytes: arg("bytes") };
  const isLargest = f32x4.eq(load("a", get("row"), get("column")), load("b", get("v"), get("u")));
  return kernel(
    "f32-pool-grad",
    eachVectorOfRows(
      sizes,
      {},
      code(
        set("sum", f32x4(0)),
        over(arg, "y", get("row")),
        whileBelow(
          "v",
          get("v1"),
          under(arg, "y", get("v")),
          over(arg, "x", get("column")),
          whileBelow(
            "u",
            get("u1"),
            under(arg, "x", get("u")),
            set("dy", load("d", get("v"), get("u"))),
            when(
              arg("max"),
              set("dy", v128.and(get("dy"), isLargest)),
              set("dy", f32x4.div(get("dy"), f32x4.splat(f32.convert_i32_u(count)))),
            ),
            set("sum", f32x4.add(get("sum"), get("dy"))),
            advance("u", i32(1)),
          ),
          advance("v", i32(1)),
        ),
        v128.store(add(pixelAt(c, get("row"), get("column")), get("i")), get("sum")),
      ),
    ),
  );
}

export const pool = () => [forward(), backward()].join("\n");
