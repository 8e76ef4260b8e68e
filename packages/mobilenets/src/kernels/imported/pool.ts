import {
  add,
  advance,
  argument,
  f32x4,
  get,
  i32,
  imageAndRow,
  kernel,
  locals,
  mul,
  set,
  share,
  splat,
  sub,
  whileBelow,
} from "../wat.ts";

type Name = "f32-pool" | "f32-pool-grad";

const argOf = (name: Name) => (field: string) => argument(name, field as "a");
/** The address of `$image`'s row and column in a map. */
const pixelAt = (arg: (field: string) => string, x: string, row: string, column: string) =>
  add(add(arg(x), mul(get("image"), arg(`${x}Image`))), add(mul(row, arg(`${x}Pitch`)), mul(column, arg(`${x}Step`))));
const smaller = (a: string, b: string) => `(select ${a} ${b} (i32.lt_s ${a} ${b}))`;
const larger = (a: string, b: string) => `(select ${a} ${b} (i32.gt_s ${a} ${b}))`;

/** First and last row (or column) of the map under window `at`: `$y0` up to, and without, `$y1`. */
function under(arg: (field: string) => string, axis: "y" | "x", at: string): string {
  const [stride, start, kernelSize, size] =
    axis === "y" ? ["sh", "top", "kh", "height"] : ["sw", "left", "kw", "width"];
  const first = `${axis}0`;
  const begin = sub(mul(at, arg(stride)), arg(start));
  return `${set(first, begin)}
    ${set(`${axis}1`, smaller(add(get(first), arg(kernelSize)), arg(size)))}
    ${set(first, larger(get(first), i32(0)))}`;
}

/** Threads share rows of the result. */
function forward(): string {
  const arg = argOf("f32-pool");
  const value = `(v128.load ${add(pixelAt(arg, "a", get("y"), get("x")), get("i"))})`;
  const count = mul(sub(get("y1"), get("y0")), sub(get("x1"), get("x0")));
  return kernel(
    "f32-pool",
    `${locals("i32", "from", "to", "total", "image", "row", "column", "i", "y", "x", "y0", "y1", "x0", "x1")}
    ${locals("v128", "sum")}
    ${share(mul(arg("images"), arg("outHeight")))}
    ${whileBelow(
      "from",
      get("to"),
      `${imageAndRow(arg("outHeight"))}
      ${under(arg, "y", get("row"))}
      ${set("column", i32(0))}
      ${whileBelow(
        "column",
        arg("outWidth"),
        `${under(arg, "x", get("column"))}
        ${set("i", i32(0))}
        ${whileBelow(
          "i",
          arg("bytes"),
          `${set("sum", `(select ${f32x4(-Infinity)} ${f32x4(0)} ${arg("max")})`.replaceAll("-Infinity", "-inf"))}
          ${set("y", get("y0"))}
          ${whileBelow(
            "y",
            get("y1"),
            `${set("x", get("x0"))}
            ${whileBelow(
              "x",
              get("x1"),
              `(if ${arg("max")}
                (then ${set("sum", `(f32x4.max ${get("sum")} ${value})`)})
                (else ${set("sum", `(f32x4.add ${get("sum")} ${value})`)}))
              ${advance("x", i32(1))}`,
            )}
            ${advance("y", i32(1))}`,
          )}
          (if (i32.eqz ${arg("max")})
            (then ${set("sum", `(f32x4.div ${get("sum")} ${splat(`(f32.convert_i32_u ${count})`)})`)}))
          (v128.store ${add(pixelAt(arg, "c", get("row"), get("column")), get("i"))} ${get("sum")})
          ${advance("i", i32(16))}`,
        )}
        ${advance("column", i32(1))}`,
      )}
      ${advance("from", i32(1))}`,
    )}`,
  );
}

/** First and last window over row (or column) `at`: `$v` up to, and without, `$v1`. */
function over(arg: (field: string) => string, axis: "y" | "x", at: string): string {
  const [stride, start, size, windows] =
    axis === "y" ? ["sh", "top", "kh", "outHeight"] : ["sw", "left", "kw", "outWidth"];
  const [first, end] = axis === "y" ? ["v", "v1"] : ["u", "u1"];
  const position = add(at, arg(start));
  // The least with begin + size > position: division rounds towards 0, so what is below 0 goes first.
  const before = sub(position, sub(arg(size), arg(stride)));
  return `${set(first, `(i32.div_s ${larger(before, i32(0))} ${arg(stride)})`)}
    ${set(end, smaller(add(`(i32.div_s ${position} ${arg(stride)})`, i32(1)), arg(windows)))}`;
}

/** Pixel by pixel of the input, over the windows above it. Threads share its rows. */
function backward(): string {
  const arg = argOf("f32-pool-grad");
  const load = (x: string, row: string, column: string) => `(v128.load ${add(pixelAt(arg, x, row, column), get("i"))})`;
  const count = mul(sub(get("y1"), get("y0")), sub(get("x1"), get("x0")));
  return kernel(
    "f32-pool-grad",
    `${locals("i32", "from", "to", "total", "image", "row", "column", "i", "v", "u", "v1", "u1", "y0", "y1", "x0", "x1")}
    ${locals("v128", "sum", "dy")}
    ${share(mul(arg("images"), arg("height")))}
    ${whileBelow(
      "from",
      get("to"),
      `${imageAndRow(arg("height"))}
      ${set("column", i32(0))}
      ${whileBelow(
        "column",
        arg("width"),
        `${set("i", i32(0))}
        ${whileBelow(
          "i",
          arg("bytes"),
          `${set("sum", f32x4(0))}
          ${over(arg, "y", get("row"))}
          ${whileBelow(
            "v",
            get("v1"),
            `${under(arg, "y", get("v"))}
            ${over(arg, "x", get("column"))}
            ${whileBelow(
              "u",
              get("u1"),
              `${under(arg, "x", get("u"))}
              ${set("dy", load("d", get("v"), get("u")))}
              (if ${arg("max")}
                (then ${set("dy", `(v128.and ${get("dy")} (f32x4.eq ${load("a", get("row"), get("column"))} ${load("b", get("v"), get("u"))}))`)})
                (else ${set("dy", `(f32x4.div ${get("dy")} ${splat(`(f32.convert_i32_u ${count})`)})`)}))
              ${set("sum", `(f32x4.add ${get("sum")} ${get("dy")})`)}
              ${advance("u", i32(1))}`,
            )}
            ${advance("v", i32(1))}`,
          )}
          (v128.store ${add(pixelAt(arg, "c", get("row"), get("column")), get("i"))} ${get("sum")})
          ${advance("i", i32(16))}`,
        )}
        ${advance("column", i32(1))}`,
      )}
      ${advance("from", i32(1))}`,
    )}`,
  );
}

export const pool = () => [forward(), backward()].join("\n");
