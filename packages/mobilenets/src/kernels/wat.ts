import { func, params } from "./func.ts";
import { importedSignatures } from "./imported/signatures.ts";
import {
  add,
  type Body,
  block,
  br,
  br_if,
  code,
  f32,
  f32x4,
  get,
  i32,
  i32x4,
  loop,
  mul,
  set,
  sub,
  tee,
  times,
  v128,
  when,
} from "./instructions.ts";
import { ACT, type ArgumentType, type KernelField, type KernelName, signatures, WORD_BYTES } from "./signatures.ts";
import { trainingSignatures } from "./training/signatures.ts";

/** `simd` is WebAssembly's fixed 128-bit SIMD; `relaxed` adds fused multiply-add and is detected at run time. */
export type Isa = "simd" | "relaxed";

/** Advances an address or counter in a local. */
export const advance = (local: string, by: string) => set(local, add(get(local), by));

/** All kernels of all modules. An argument has the same place in a step record in every module that has its kernel. */
const all = { ...signatures, ...trainingSignatures, ...importedSignatures };

/** Reads an argument of the step record at `$s`; for several kernels, an argument that all have. */
export function argument<K extends KernelName>(kernel: K, field: KernelField<K>): string {
  return named(kernel, field);
}

/** Reads a kernel's arguments by name. */
export type ArgumentsOf<K extends KernelName> = (field: KernelField<K>) => string;

export const argumentsOf =
  <K extends KernelName>(kernel: K): ArgumentsOf<K> =>
  (field) =>
    named(kernel, field);

/** Arguments of a kernel that are addresses of maps: `a` if there is an `aStep` or an `aImage` too. */
export type OperandOf<K extends KernelName> = {
  [F in KernelField<K>]: `${F}Step` | `${F}Image` extends infer D
    ? Extract<D, KernelField<K>> extends never
      ? never
      : F
    : never;
}[KernelField<K>];

/** An operand's address and its distances of pixels, rows and images, as far as the kernel's signature has them. */
export function operandOf<K extends KernelName>(kernel: K, x: OperandOf<K>) {
  return {
    at: named(kernel, x),
    get step() {
      return named(kernel, `${x}Step`);
    },
    get pitch() {
      return named(kernel, `${x}Pitch`);
    },
    get image() {
      return named(kernel, `${x}Image`);
    },
  };
}

function named(kernel: KernelName, field: string): string {
  const fields: readonly (readonly [string, ArgumentType])[] = Object.entries(all[kernel]);
  const index = fields.findIndex(([name]) => name === field);
  if (index < 0) throw new Error(`${kernel} has no argument ${field}`);
  const type = fields[index][1] === "f32" ? f32 : i32;
  return type.load(get("s"), WORD_BYTES * (index + 1));
}

/**
 * A kernel's entry point: `(step record, this chunk, number of chunks)`. Chunks are disjoint shares of the result. Any
 * thread may compute any chunk.
 */
export const kernel = (name: KernelName, ...body: Body) =>
  func({ name, params: params("i32", "s", "chunk", "chunks") }, ...body);

/** Sets `$from` and `$to` to this chunk's share of `count` items. All shares except the last are multiples of `grain`. */
export const share = (count: string, grain = 1) =>
  code(
    set("total", count),
    set("to", i32.div_u(add(get("total"), i32(grain - 1)), i32(grain))),
    set("from", mul(i32.div_u(mul(get("to"), get("chunk")), get("chunks")), i32(grain))),
    set("to", mul(i32.div_u(mul(get("to"), add(get("chunk"), i32(1))), get("chunks")), i32(grain))),
    when(i32.gt_u(get("to"), get("total")), set("to", get("total"))),
  );

/** Sets `$image` and `$row` for row `$from` of all images' rows, `height` in each. */
export const imageAndRow = (height: string) =>
  code(set("image", i32.div_u(get("from"), height)), set("row", sub(get("from"), mul(get("image"), height))));

/** Repeats `body` until `condition` holds at the start of a turn. */
export const until = (label: string, condition: string, ...body: Body) =>
  block(`${label}-done`, loop(label, br_if(`${label}-done`, condition), ...body, br(label)));

/** Runs `body` while `$counter` is below `end`; `body` must advance it. */
export const whileBelow = (counter: string, end: string, ...body: Body) =>
  until(counter, i32.ge_s(get(counter), end), ...body);

/** Runs `body` at least once, and until `$counter`, which each turn reduces by `step`, is 0. */
export const countdown = (label: string, counter: string, step: number, ...body: Body) =>
  loop(label, ...body, br_if(label, tee(counter, sub(get(counter), i32(step)))));

/** Vector `j` of an operand in the current turn of `eachVector`. */
export const vectorOf = (operand: string, j = 0) => v128.load(get(`at-${operand}`), 16 * j);

/**
 * Runs `body` for a pixel's channels at byte offset `$i`: two vectors at a time, then one if their number is odd. A body
 * treats its vectors alike, so that V8 can fuse two into 256 bits; for that, their addresses must use one local, `$at-x`
 * for operand `$x`, which points to the pixel.
 */
export const eachVector = (bytes: string, operands: readonly string[], body: (vectors: number) => string) => {
  const at = operands.map((x) => set(`at-${x}`, add(get(x), get("i"))));
  return code(
    set("i", i32(0)),
    whileBelow("i", i32.and(bytes, i32(-32)), at, body(2), advance("i", i32(32))),
    when(i32.lt_s(get("i"), bytes), code(at, body(1), advance("i", i32(16)))),
  );
};

/**
 * Stores adjacent vectors from the address in local `$at` on. Two neighbours are computed before either is stored, because
 * V8 moves no load over a store to fuse two operations. The upper one is stored first: V8 then stores both at once. In the
 * other order it stores the lower one twice, in case the store of the upper one fails.
 */
export function storeVectors(at: string, values: readonly string[]): string {
  const operands = values.map((value) => `${get(at)} ${value}`);
  const stores = values.map((_, i) => `(v128.store offset=${16 * i})`);
  // On the stack: address and value of the lower one, address and value of the upper one.
  return times(Math.ceil(values.length / 2), (i) =>
    code(operands.slice(2 * i, 2 * i + 2), stores.slice(2 * i, 2 * i + 2).reverse()),
  );
}

/** acc + a * b, fused if the instruction set has it. */
export const fma = (isa: Isa, a: string, b: string, acc: string) =>
  isa === "relaxed" ? f32x4.relaxed_madd(a, b, acc) : f32x4.add(f32x4.mul(a, b), acc);

/**
 * A branch out of block `$label` that is never taken, between the steps of unrolled code. V8 before version 12 (Node 20)
 * orders a block's loads before its arithmetic, and unrolled steps then need far more than 16 registers; a branch forces
 * each step's sums to be ready. Relaxed modules run only on newer hosts and need none.
 * @param counter a local that is never below 0
 * @param i differs between the fences of a block, so that they are not merged
 */
export const fence = (isa: Isa, label: string, counter: string, i: number) =>
  isa === "relaxed" ? "" : br_if(label, i32.eq(get(counter), i32(-1 - i)));

/**
 * min(max(x, low), high). `pmax`/`pmin` are one instruction on x64, while `f32x4.max`/`min` take several; the operand
 * order keeps a NaN in x.
 */
export const clamp = (x: string, low: string, high: string) => f32x4.pmin(f32x4.pmax(x, low), high);

/**
 * Constants of the hard activations, in a data segment of the module: loading one is a single instruction, while V8 builds
 * a vector literal from scalars at each use.
 */
const pool = { half: 0.5, one: 1, sixth: 1 / 6 };
const POOL_AT = 16;

/** The pool's data segment. */
export const poolData = `(data (i32.const ${POOL_AT}) "${littleEndian(Object.values(pool))}")`;

const pooled = (name: keyof typeof pool) => v128.load32_splat(i32(0), POOL_AT + 4 * Object.keys(pool).indexOf(name));

function littleEndian(numbers: readonly number[]): string {
  const bytes = new Uint8Array(Float32Array.from(numbers).buffer);
  return Array.from(bytes, (byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
}

/** clamp(x + 3, 0, 6) / 6, with the division first: one operation less with fused multiply-add. */
const hardSigmoid = (isa: Isa, x: string) =>
  clamp(fma(isa, x, pooled("sixth"), pooled("half")), i32x4(0), pooled("one"));
const hardSwish = (isa: Isa, x: string) => f32x4.mul(x, hardSigmoid(isa, x));

/** Applies the activation that `$act` selects to the named locals. `$low` and `$high` are the splat bounds of a clamp. */
export const activate = (isa: Isa, names: readonly string[]) => {
  const all = (f: (x: string) => string) => code(names.map((name) => set(name, f(get(name)))));
  const choose = (activation: number, then: string, otherwise: string) =>
    when(i32.eq(get("act"), i32(activation)), then, otherwise);
  return when(
    get("act"),
    choose(
      ACT.clamp,
      all((x) => clamp(x, get("low"), get("high"))),
      choose(
        ACT.hardSwish,
        all((x) => hardSwish(isa, x)),
        all((x) => hardSigmoid(isa, x)),
      ),
    ),
  );
};
