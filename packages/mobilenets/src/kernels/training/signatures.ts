import { ACT } from "../signatures.ts";

/** Kernels of training and their arguments, as in `../signatures.ts`; maps have image, pitch and step in bytes. */
export const trainingSignatures = {
  /** Packs a matrix of `k` by `n` weights into panels of 8 columns; element (i, j) is at a + i kStep + j nStep. */
  "f32-pack-gemm": {
    a: "ptr",
    kStep: "i32",
    nStep: "i32",
    k: "i32",
    n: "i32",
    bias: "ptr",
    c: "ptr",
    panel: "i32",
    panels: "i32",
  },
  /** Packs depthwise weights, `aStep` bytes per tap and `groups` of 4 channels, into panels; `flip` puts the last tap first. */
  "f32-pack-dwconv": { a: "ptr", aStep: "i32", taps: "i32", flip: "i32", bias: "ptr", c: "ptr", groups: "i32" },
  /**
   * c [m, ns] = sum over pixels of a[pixel][0..m] times b[pixel][0..ns]. Pixels come in `parts` of `runs` of `pixels`; each
   * part has its own c.
   */
  "f32-gemm-tn": gemmTransposed(),
  "f32-gemm-tn-wide": gemmTransposed(),
  /** For each part of the rows, sums of a less its first pixel, then of the squares; `bytes` of channels each. */
  "f32-moments": { ...map("a"), ...rows(), c: "ptr", parts: "i32" },
  /** Mean and variance from the parts; `x` is the subtracted pixel, `inverse` is 1 / pixels. */
  "f32-moments-finish": { a: "ptr", parts: "i32", x: "ptr", inverse: "f32", ...result() },
  "f32-norm-coefficients": { gamma: "ptr", beta: "ptr", mean: "ptr", variance: "ptr", epsilon: "f32", ...result() },
  /** c = act(a scale + shift) */
  "f32-normalize": {
    ...map("a"),
    ...map("c"),
    ...rows(),
    scale: "ptr",
    shift: "ptr",
    act: "i32",
    min: "f32",
    max: "f32",
  },
  /** For each part, sums of dy (x - mean) and of dy; dy is a times the activation's derivative at scale b + shift. */
  "f32-norm-sums": {
    ...map("a"),
    ...map("b"),
    ...rows(),
    scale: "ptr",
    shift: "ptr",
    mean: "ptr",
    act: "i32",
    c: "ptr",
    parts: "i32",
  },
  /** Gradients of gamma and beta. */
  "f32-norm-sums-finish": { a: "ptr", parts: "i32", variance: "ptr", epsilon: "f32", ...result() },
  "f32-norm-grad-coefficients": {
    scale: "ptr",
    mean: "ptr",
    variance: "ptr",
    epsilon: "f32",
    dgamma: "ptr",
    dbeta: "ptr",
    inverse: "f32",
    ...result(),
  },
  /** c = scale dy + k1 b + k0; dy is a times the activation's derivative. */
  "f32-norm-input-grad": {
    ...map("a"),
    ...map("b"),
    ...map("c"),
    ...rows(),
    scale: "ptr",
    shift: "ptr",
    k1: "ptr",
    k0: "ptr",
    act: "i32",
    min: "f32",
    max: "f32",
  },
  "f32-dwconv-input-grad": {
    ...map("a"),
    w: "ptr",
    wStep: "i32",
    ...map("c"),
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
  },
  "f32-dwconv-kernel-grad-1x1": dwconvKernelGrad(),
  "f32-dwconv-kernel-grad-3x3": dwconvKernelGrad(),
  "f32-dwconv-kernel-grad-5x5": dwconvKernelGrad(),
  "f32-dwconv-kernel-grad-1x1-wide": dwconvKernelGrad(),
  "f32-dwconv-kernel-grad-3x3-wide": dwconvKernelGrad(),
  "f32-dwconv-kernel-grad-5x5-wide": dwconvKernelGrad(),
  /** c = a times the activation's derivative at b. */
  "f32-activation-grad": { ...pixels("a", "b", "c"), act: "i32" },
  /** Fills each image of c with its one pixel in a, times `scale`. */
  "f32-broadcast": { a: "ptr", aImage: "i32", ...pixels("c"), scale: "f32" },
  "f32-max-grad": { ...pixels("a", "c"), b: "ptr", bImage: "i32", dy: "ptr", dyImage: "i32" },
  /** In each image c = sum over rows of a times b. */
  "f32-dot-rows": {
    a: "ptr",
    aImage: "i32",
    aStep: "i32",
    b: "ptr",
    bImage: "i32",
    bStep: "i32",
    c: "ptr",
    cImage: "i32",
    images: "i32",
    rows: "i32",
    bytes: "i32",
  },
  /** Each of `channels` of c = the sum of `multiplier` neighbours in a. */
  "f32-sum-groups": {
    a: "ptr",
    aStep: "i32",
    c: "ptr",
    cStep: "i32",
    rows: "i32",
    channels: "i32",
    multiplier: "i32",
  },
  "f32-sgd": { ...flat("w", "g", "m"), ...f32("scale", "decay", "rate", "momentum", "look", "now") },
  "f32-rmsprop": {
    ...flat("w", "g", "m", "s"),
    ...f32("scale", "decay", "rate", "momentum", "rho", "rest", "epsilon"),
  },
  "f32-adam": {
    ...flat("w", "g", "m", "s"),
    ...f32("scale", "decay", "rate", "beta1", "rest1", "beta2", "rest2", "root", "epsilon", "keep"),
  },
  "f32-average": { ...flat("w", "m"), ...f32("keep", "rest") },
} as const;

type Fields<Name extends string, Type> = { readonly [N in Name]: Type };

function map<X extends string>(x: X) {
  return { [x]: "ptr", [`${x}Image`]: "i32", [`${x}Pitch`]: "i32", [`${x}Step`]: "i32" } as Fields<X, "ptr"> &
    Fields<`${X}Image` | `${X}Pitch` | `${X}Step`, "i32">;
}

function gemmTransposed() {
  return {
    a: "ptr",
    aStep: "i32",
    aRun: "i32",
    aPart: "i32",
    b: "ptr",
    bStep: "i32",
    bRun: "i32",
    bPart: "i32",
    runs: "i32",
    pixels: "i32",
    c: "ptr",
    cStep: "i32",
    cPart: "i32",
    m: "i32",
    ns: "i32",
    parts: "i32",
  } as const;
}

function rows() {
  return { images: "i32", height: "i32", width: "i32", bytes: "i32" } as const;
}

/** Two rows of per-channel results, `cRow` bytes apart. */
function result() {
  return { bytes: "i32", c: "ptr", cRow: "i32" } as const;
}

function pixels<X extends string>(...operands: X[]) {
  const fields = operands.flatMap((x) => [
    [x, "ptr"],
    [`${x}Step`, "i32"],
  ]);
  return { ...Object.fromEntries(fields), images: "i32", rows: "i32", bytes: "i32" } as Fields<X, "ptr"> &
    Fields<`${X}Step` | "images" | "rows" | "bytes", "i32">;
}

function dwconvKernelGrad() {
  return {
    ...map("a"),
    ...map("b"),
    images: "i32",
    height: "i32",
    width: "i32",
    stride: "i32",
    c: "ptr",
    cStep: "i32",
    cPart: "i32",
    parts: "i32",
    block: "i32",
    bytes: "i32",
  } as const;
}

function flat<X extends string>(...streams: X[]) {
  return { ...Object.fromEntries(streams.map((x) => [x, "ptr"])), vectors: "i32" } as Fields<X, "ptr"> &
    Fields<"vectors", "i32">;
}

function f32<X extends string>(...names: X[]) {
  return Object.fromEntries(names.map((x) => [x, "f32"])) as Fields<X, "f32">;
}

/** Values of `act` for derivatives: ReLU and ReLU6 differ, while `ACT` has one clamp for both. */
export const SLOPE = {
  none: 0,
  relu: 1,
  hardSwish: ACT.hardSwish,
  hardSigmoid: ACT.hardSigmoid,
  relu6: 4,
  sigmoid: 5,
} as const;
