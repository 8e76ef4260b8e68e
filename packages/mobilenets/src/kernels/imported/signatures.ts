import type { UnaryFunction } from "../../graph/unary-functions.ts";

/** Kernels of the ops that only models from files have, and their arguments, as in `../signatures.ts`. */
export const importedSignatures = {
  /** c = function(a); `alpha` is the function's parameter, if it has one. */
  "f32-function": {
    a: "ptr",
    aStep: "i32",
    c: "ptr",
    cStep: "i32",
    rows: "i32",
    bytes: "i32",
    function: "i32",
    alpha: "f32",
  },
  /** c = a times the function's derivative at b. */
  "f32-function-grad": {
    a: "ptr",
    aStep: "i32",
    b: "ptr",
    bStep: "i32",
    c: "ptr",
    cStep: "i32",
    rows: "i32",
    bytes: "i32",
    function: "i32",
    alpha: "f32",
  },
  /** The logarithm of the softmax of each row of `count` floats. */
  "f32-log-softmax": rows("a", "c"),
  /** c = the gradient of `f32-log-softmax` by its input; a is the gradient of its result b. */
  "f32-log-softmax-grad": rows("a", "b", "c"),
  /** Normalises each row of `count` floats by mean and deviation (or, with `length`, by its length); times gamma plus beta. */
  "f32-normalize-rows": { ...rows("a", "c"), ...normalization(), beta: "ptr" },
  /** The gradient of `f32-normalize-rows` by its input b; a is the gradient of its result. */
  "f32-normalize-rows-grad": { ...rows("a", "b", "c"), ...normalization() },
  /** Mean or, with `max`, maximum of each window of an unpadded map. */
  "f32-pool": { ...map("a"), ...map("c"), ...window() },
  /** c = the gradient of `f32-pool` by its input a; b is its result and d the gradient of its result. */
  "f32-pool-grad": { ...map("a"), ...map("b"), ...map("d"), ...map("c"), ...window() },
  /** Bilinear resize or, with `nearest`, nearest neighbour; `yScale` and `xScale` are pixels of a per pixel of c. */
  "f32-resize": { ...map("a"), ...map("c"), ...resize() },
  /** c = the gradient of `f32-resize` by its input; d is the gradient of its result. */
  "f32-resize-grad": { ...map("d"), ...map("c"), ...resize() },
} as const;

type Fields<Name extends string, Type> = { readonly [N in Name]: Type };

function map<X extends string>(x: X) {
  return { [x]: "ptr", [`${x}Image`]: "i32", [`${x}Pitch`]: "i32", [`${x}Step`]: "i32" } as Fields<X, "ptr"> &
    Fields<`${X}Image` | `${X}Pitch` | `${X}Step`, "i32">;
}

function rows<X extends string>(...operands: X[]) {
  const fields = operands.flatMap((x) => [
    [x, "ptr"],
    [`${x}Step`, "i32"],
  ]);
  return { ...Object.fromEntries(fields), rows: "i32", count: "i32" } as Fields<X, "ptr"> &
    Fields<`${X}Step` | "rows" | "count", "i32">;
}

/** Gamma and beta may be 0 for none. */
function normalization() {
  return { length: "i32", epsilon: "f32", gamma: "ptr" } as const;
}

function resize() {
  return {
    images: "i32",
    height: "i32",
    width: "i32",
    outHeight: "i32",
    outWidth: "i32",
    yScale: "f32",
    xScale: "f32",
    nearest: "i32",
    bytes: "i32",
  } as const;
}

function window() {
  return {
    images: "i32",
    height: "i32",
    width: "i32",
    outHeight: "i32",
    outWidth: "i32",
    kh: "i32",
    kw: "i32",
    sh: "i32",
    sw: "i32",
    top: "i32",
    left: "i32",
    bytes: "i32",
    max: "i32",
  } as const;
}

/** Values of `function`. */
export const FUNCTION: Readonly<Record<UnaryFunction, number>> = {
  silu: 0,
  gelu: 1,
  gelu_tanh: 2,
  elu: 3,
  selu: 4,
  tanh: 5,
  leaky_relu: 6,
  mish: 7,
  softplus: 8,
  softsign: 9,
  exponential: 10,
  squareplus: 11,
  hard_shrink: 12,
  log: 13,
};
