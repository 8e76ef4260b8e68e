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

/** `simd` is WebAssembly's fixed 128-bit SIMD; `relaxed` adds fused multiply-add and is probed for at run time. */
export type Isa = "simd" | "relaxed";

/** Moves an address or counter that is held in a local. */
export const advance = (local: string, by: string) => set(local, add(get(local), by));

/** All kernels of all modules. An argument has the same place in a step record in every module that has its kernel. */
const all = { ...signatures, ...trainingSignatures, ...importedSignatures };

/** Reads an argument of a step record whose address is in local `$s`; of several kernels, one that all have. */
export function argument<K extends KernelName>(kernel: K, field: KernelField<K>): string {
  return named(kernel, field);
}

/** Reads a kernel's arguments by name. */
export type ArgumentsOf<K extends KernelName> = (field: KernelField<K>) => string;

export const argumentsOf =
  <K extends KernelName>(kernel: K): ArgumentsOf<K> =>
  (field) =>
    named(kernel, field);

/** Arguments of a kernel that are addresses of maps: `a`, where there is an `aStep` as well, or an `aImage`. */
export type OperandOf<K extends KernelName> = {
  [F in KernelField<K>]: `${F}Step` | `${F}Image` extends infer D
    ? Extract<D, KernelField<K>> extends never
      ? never
      : F
    : never;
}[KernelField<K>];

/** An operand's address, and how far its pixels, rows and images lie apart: what of it the kernel's signature has. */
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

/** Sets `$from` and `$to` to this chunk's share of `count` items. Shares but the last are multiples of `grain`. */
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

/** Runs `body` again and again, until `condition` holds where a turn begins. */
export const until = (label: string, condition: string, ...body: Body) =>
  block(`${label}-done`, loop(label, br_if(`${label}-done`, condition), ...body, br(label)));

/** Runs `body` while `$counter` is below `end`; `body` must advance it. */
export const whileBelow = (counter: string, end: string, ...body: Body) =>
  until(counter, i32.ge_s(get(counter), end), ...body);

/** Runs `body` at least once, and again until `$counter`, which loses `step` each turn, is 0. */
export const countdown = (label: string, counter: string, step: number, ...body: Body) =>
  loop(label, ...body, br_if(label, tee(counter, sub(get(counter), i32(step)))));

/** Vector `j` of those of an operand that `eachVector` is at. */
export const vectorOf = (operand: string, j = 0) => v128.load(get(`at-${operand}`), 16 * j);

/**
 * Runs `body` for a pixel's channels, `$i` being their byte offset: two vectors at a time, then one where their number is
 * odd. A body treats its vectors alike, so that V8 can make one operation of 256 bits of two; for that, it has to see
 * their addresses in one local, `$at-x` for operand `$x`, which points to the pixel.
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
 * Stores vectors side by side from the address in local `$at` on. Two neighbours are computed before either is stored,
 * as V8 moves no load over a store to make one operation of two. The upper one is stored first. V8 then stores both at
 * once. In the other order it stores the lower one twice, in case the store of the upper one fails.
 */
export function storeVectors(at: string, values: readonly string[]): string {
  const operands = values.map((value) => `${get(at)} ${value}`);
  const stores = values.map((_, i) => `(v128.store offset=${16 * i})`);
  // On the stack: address and value of the lower one, address and value of the upper one.
  return times(Math.ceil(values.length / 2), (i) =>
    code(operands.slice(2 * i, 2 * i + 2), stores.slice(2 * i, 2 * i + 2).reverse()),
  );
}

/** acc + a * b, fused where the instruction set can. */
export const fma = (isa: Isa, a: string, b: string, acc: string) =>
  isa === "relaxed" ? f32x4.relaxed_madd(a, b, acc) : f32x4.add(f32x4.mul(a, b), acc);

/**
 * A branch that is never taken, out of block `$label`, between the steps of unrolled code. V8 before version 12 (Node
 * 20) orders a block's loads before its arithmetic, and unrolled steps then fill far more than 16 registers; where a
 * branch leads to a merge, each step's sums must be ready. Relaxed modules run on newer hosts only and do without.
 * @param counter a local that is never below 0
 * @param i differs from fence to fence in a block, so that they are not merged
 */
export const fence = (isa: Isa, label: string, counter: string, i: number) =>
  isa === "relaxed" ? "" : br_if(label, i32.eq(get(counter), i32(-1 - i)));

/**
 * min(max(x, low), high). `pmax`/`pmin` are one instruction on x64, where `f32x4.max`/`min` take several; the operand
 * order keeps a NaN in x.
 */
export const clamp = (x: string, low: string, high: string) => f32x4.pmin(f32x4.pmax(x, low), high);

/**
 * Constants of the hard activations, in a data segment of the module: loading one is a single instruction, where V8
 * rebuilds a vector literal from scalars each time it is used.
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

/** clamp(x + 3, 0, 6) / 6, with the division first: one operation less where multiply-add is fused. */
const hardSigmoid = (isa: Isa, x: string) =>
  clamp(fma(isa, x, pooled("sixth"), pooled("half")), i32x4(0), pooled("one"));
const hardSwish = (isa: Isa, x: string) => f32x4.mul(x, hardSigmoid(isa, x));

/** Applies the activation chosen by `$act` to the locals named. `$low` and `$high` are splats, the bounds of a clamp. */
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
