import type { importedSignatures } from "./imported/signatures.ts";
import type { trainingSignatures } from "./training/signatures.ts";

/**
 * The kernels that a plan can call, and their arguments in the order of a step record. The generators read arguments by
 * these names, and the planner writes them. Addresses, strides and pitches are in bytes; counts are elements. `cs` is
 * the channel stride of a map: its channels rounded up to a multiple of 4.
 */
export const signatures = {
  /**
   * Convolution as matrix product: `m` output pixels by `n` channels, over `kh` runs of `4 * k4 + k1` floats each.
   * A pixel is `aStep` bytes after its left neighbour, and a row is `aSkip` more than `width` steps; so in c.
   * Weights: per panel of 8 channels, 8 biases, then 8 weights per tap. The residual r may be 0.
   */
  "f32-gemm": gemm(),
  /** Depthwise convolution, square window, padded input, `bytes` of channels. Weights: per 8 channels, 8 biases, then 8 per tap. */
  "f32-dwconv-3x3s1": dwconv(),
  "f32-dwconv-3x3s2": dwconv(),
  "f32-dwconv-5x5s1": dwconv(),
  "f32-dwconv-5x5s2": dwconv(),
  /** Depthwise convolution of any window and stride on an unpadded map; weights as above. */
  "f32-dwconv-any": {
    a: "ptr",
    aStep: "i32",
    height: "i32",
    width: "i32",
    kh: "i32",
    kw: "i32",
    sh: "i32",
    sw: "i32",
    top: "i32",
    left: "i32",
    w: "ptr",
    c: "ptr",
    cStep: "i32",
    images: "i32",
    outHeight: "i32",
    outWidth: "i32",
    bytes: "i32",
    act: "i32",
    min: "f32",
    max: "f32",
  },
  /** c = act(a * scale + offset), for `rows` rows of `count` floats in each image. */
  "f32-unary": {
    a: "ptr",
    aImage: "i32",
    aPitch: "i32",
    c: "ptr",
    cImage: "i32",
    cPitch: "i32",
    images: "i32",
    rows: "i32",
    count: "i32",
    scale: "f32",
    offset: "f32",
    act: "i32",
    min: "f32",
    max: "f32",
  },
  /** Sum, affine map or sigmoid of `rows` pixels with `bytes` of channels each. */
  "f32-add": {
    a: "ptr",
    aStep: "i32",
    b: "ptr",
    bStep: "i32",
    c: "ptr",
    cStep: "i32",
    rows: "i32",
    bytes: "i32",
  },
  "f32-affine": {
    a: "ptr",
    aStep: "i32",
    scale: "ptr",
    offset: "ptr",
    c: "ptr",
    cStep: "i32",
    rows: "i32",
    bytes: "i32",
  },
  /** Product with another map or, with a `bStep` of 0, with a gate of one pixel per image. `rows` pixels per image. */
  "f32-multiply": {
    a: "ptr",
    aStep: "i32",
    b: "ptr",
    bImage: "i32",
    bStep: "i32",
    c: "ptr",
    cStep: "i32",
    images: "i32",
    rows: "i32",
    bytes: "i32",
  },
  "f32-sigmoid": { a: "ptr", aStep: "i32", c: "ptr", cStep: "i32", rows: "i32", bytes: "i32" },
  /** In each image c[i] = sum over rows of a[row][i], times `scale`. */
  "f32-sum-rows": { ...reduction(), scale: "f32" },
  /** In each image c[i] = max over rows of a[row][i]. */
  "f32-max-rows": reduction(),
  /** Softmax over the `count` floats of each of `rows` rows. */
  "f32-softmax": { a: "ptr", aStep: "i32", c: "ptr", cStep: "i32", rows: "i32", count: "i32" },
  /** Copies a map between layouts; each channel is written `repeat` times in a row. */
  "f32-copy": {
    a: "ptr",
    aImage: "i32",
    aPitch: "i32",
    aStep: "i32",
    c: "ptr",
    cImage: "i32",
    cPitch: "i32",
    cStep: "i32",
    images: "i32",
    height: "i32",
    width: "i32",
    channels: "i32",
    repeat: "i32",
  },
  /**
   * Fills the frame of a padded map with a byte: `top` and `bottom` rows of `pitch` bytes, `left` and `right` bytes of each
   * row. `height` counts all rows of an image. It serves maps of any type: a float's zero is zero bytes.
   */
  "x8-frame": {
    c: "ptr",
    pitch: "i32",
    images: "i32",
    height: "i32",
    top: "i32",
    bottom: "i32",
    left: "i32",
    right: "i32",
    fill: "i32",
  },
  /** Twins of the kernels above with the same arguments and the same results to the bit: see `wideTwin`. */
  "f32-gemm-wide": gemm(),
  "f32-dwconv-3x3s1-wide": dwconv(),
  "f32-dwconv-3x3s2-wide": dwconv(),
  "f32-dwconv-5x5s1-wide": dwconv(),
  "f32-dwconv-5x5s2-wide": dwconv(),
} as const satisfies Record<string, Record<string, ArgumentType>>;

/** The name of a kernel's twin with tiles of twice the width, for hosts with 256 bits; most kernels have none. */
export const wideTwin = (kernel: string): string => `${kernel}-wide`;

function gemm() {
  return {
    a: "ptr",
    aStep: "i32",
    aSkip: "i32",
    aPitch: "i32",
    kh: "i32",
    k4: "i32",
    k1: "i32",
    w: "ptr",
    panel: "i32",
    panels: "i32",
    c: "ptr",
    cStep: "i32",
    cSkip: "i32",
    r: "ptr",
    rStep: "i32",
    width: "i32",
    m: "i32",
    mBlock: "i32",
    nBlock: "i32",
    ns: "i32",
    splitN: "i32",
    act: "i32",
    min: "f32",
    max: "f32",
  } as const;
}

function reduction() {
  return {
    a: "ptr",
    aImage: "i32",
    aStep: "i32",
    c: "ptr",
    cImage: "i32",
    images: "i32",
    rows: "i32",
    channels: "i32",
  } as const;
}

function dwconv() {
  return {
    a: "ptr",
    aStep: "i32",
    aPitch: "i32",
    aImage: "i32",
    w: "ptr",
    c: "ptr",
    cStep: "i32",
    cPitch: "i32",
    cImage: "i32",
    images: "i32",
    height: "i32",
    width: "i32",
    bytes: "i32",
    act: "i32",
    min: "f32",
    max: "f32",
  } as const;
}

/** `ptr` is an address: an i32 that moves when the arena does. */
export type ArgumentType = "ptr" | "i32" | "f32";

type Signatures = typeof signatures & typeof trainingSignatures & typeof importedSignatures;

export type KernelName = keyof Signatures;

export type KernelField<K extends KernelName> = keyof Signatures[K] & string;

export type KernelArgs<K extends KernelName> = { readonly [Field in keyof Signatures[K]]: number };

/** Bytes of an argument, and of the engine's other words. */
export const WORD_BYTES = 4;

/**
 * A step record: a word with the kernel's number in its lowest `KERNEL_BITS` and the number of chunks above, then the
 * arguments, then the threads' counters of the step on a separate cache line.
 */
export const STEP_BYTES = 192;
export const KERNEL_BITS = 8;

/** Offset in a record of the word with claimed chunks (see `schedule.ts`); the next counts the chunks done. */
export const CLAIM = 128;
export const DONE = CLAIM + WORD_BYTES;

/** Offsets from the synchronisation address: a flag that a thread failed, and two words like a record's. */
export const ABORTED = 0;
export const PICTURES = WORD_BYTES;

/**
 * Words for threads that work on their own pictures: each of `workers` has an arena and a step list of `count` steps (the
 * first at `first`, the second at `others`, each next `listBytes` later). Pictures wait in queue entries for a worker, and
 * their results for the caller. After these words, up to `end`, come `BINDING_BYTES` for the input and then for each
 * output: its address in the first worker's arena, its bytes, its offset in an entry.
 */
export const WORKERS = [
  "first",
  "others",
  "listBytes",
  "count",
  "workers",
  "arenaBytes",
  "entries",
  "entryBytes",
  "end",
] as const;
export const BINDING_BYTES = 3 * WORD_BYTES;

/** Values of `act`. Clamping to [min, max] is ReLU and ReLU6. */
export const ACT = { none: 0, clamp: 1, hardSwish: 2, hardSigmoid: 3 } as const;
