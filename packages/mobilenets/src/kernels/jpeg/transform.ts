import { func, params } from "../func.ts";
import {
  add,
  br_if,
  call,
  code,
  f32,
  f32x4,
  get,
  i8x16,
  i16x8,
  i32,
  i32x4,
  i64,
  i64x2,
  leave,
  loop,
  mul,
  set,
  tee,
  times,
  v128,
  when,
} from "../instructions.ts";
import { AT } from "./layout.ts";

/** Factors in a data segment: V8 loads one with one instruction, but builds a literal with four at each use. */
const cosines = [1, 3, 5, 7].map((k) => 0.5 * Math.cos((k * Math.PI) / 16));
const quarters = [1, 3].map((k) => Math.SQRT1_2 * Math.cos((k * Math.PI) / 8));
const eighths = [1, 3].map((k) => 0.5 * Math.cos((k * Math.PI) / 8));
const ROUNDING = 1.5 * 2 ** 23;
/** The mantissa of `ROUNDING` plus a small number is that number, rounded; 128 is the middle of samples. */
const middle = ROUNDING + 128;
const constants = Float32Array.from([...cosines, ...quarters, ...eighths, middle, ROUNDING]);

const data = `(data ${i32(AT.constants)} "${Array.from(
  new Uint8Array(constants.buffer),
  (byte) => `\\${byte.toString(16).padStart(2, "0")}`,
).join("")}")`;

const constant = (x: number) => v128.load32_splat(i32(0), AT.constants + 4 * constants.indexOf(Math.fround(x)));
const plus = (a: string, b: string) => f32x4.add(a, b);
const minus = (a: string, b: string) => f32x4.sub(a, b);
const scaled = (x: string, by: number) => f32x4.mul(x, constant(by));

/** Transforms four coefficients in locals into four samples. Sets `$o0` to `$o3`. */
const four = (x: readonly string[]) => {
  const [a, b] = quarters;
  return code(
    set("e0", plus(x[0], x[2])),
    set("e1", minus(x[0], x[2])),
    set("d0", plus(scaled(x[1], a), scaled(x[3], b))),
    set("d1", minus(scaled(x[1], b), scaled(x[3], a))),
    set("o0", plus(get("e0"), get("d0"))),
    set("o3", minus(get("e0"), get("d0"))),
    set("o1", plus(get("e1"), get("d1"))),
    set("o2", minus(get("e1"), get("d1"))),
  );
};

/** Adds a number times half the cosine of an odd number of sixteenths of pi. */
function addCosine(sum: string, x: string, sixteenths: number): string {
  const turned = sixteenths % 32;
  const half = turned > 16 ? 32 - turned : turned;
  const isNegative = half > 8;
  const product = scaled(x, cosines[((isNegative ? 16 - half : half) - 1) / 2]);
  if (sum === "") return product;
  return isNegative ? minus(sum, product) : plus(sum, product);
}

/** Transforms eight coefficients into eight samples; sets `o0` to `o7`. */
const eight = (x: readonly string[]) => {
  const [a, b] = eighths;
  const odd = [0, 1, 2, 3].map((n) => [1, 3, 5, 7].reduce((sum, k) => addCosine(sum, x[k], (2 * n + 1) * k), ""));
  return code(
    set("d0", plus(x[0], x[4])),
    set("d1", minus(x[0], x[4])),
    set("d2", plus(scaled(x[2], a), scaled(x[6], b))),
    set("d3", minus(scaled(x[2], b), scaled(x[6], a))),
    set("e0", plus(get("d0"), get("d2"))),
    set("e3", minus(get("d0"), get("d2"))),
    set("e1", plus(get("d1"), get("d3"))),
    set("e2", minus(get("d1"), get("d3"))),
    times(4, (n) => set(`d${n}`, odd[n])),
    times(4, (n) =>
      code(set(`o${n}`, plus(get(`e${n}`), get(`d${n}`))), set(`o${7 - n}`, minus(get(`e${n}`), get(`d${n}`)))),
    ),
  );
};

/** Transposes rows of four locals in place. Sets `$t0` to `$t3`. */
const transpose = ([a, b, c, d]: readonly string[]) => {
  const low = (x: string, y: string) =>
    i8x16.shuffle([0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23], get(x), get(y));
  const high = (x: string, y: string) =>
    i8x16.shuffle([8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31], get(x), get(y));
  const first = (x: string, y: string) =>
    i8x16.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23], get(x), get(y));
  const last = (x: string, y: string) =>
    i8x16.shuffle([8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31], get(x), get(y));
  return code(
    set("t0", low(a, b)),
    set("t1", high(a, b)),
    set("t2", low(c, d)),
    set("t3", high(c, d)),
    set(a, first("t0", "t2")),
    set(b, last("t0", "t2")),
    set(c, first("t1", "t3")),
    set(d, last("t1", "t3")),
  );
};

const whole = (x: string) => i32x4.sub(plus(x, constant(middle)), constant(ROUNDING));

const names = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => `${prefix}${i}`);

/** Part of column `k` of a block's coefficients, which are stored column by column: the first pass is horizontal. */
const coefficient = (k: number, part = 0) => v128.load(i32(0), AT.block + 32 * k + 16 * part);

const row = (i: number) => add(get("to"), i === 1 ? get("stride") : mul(get("stride"), i32(i)));

const fourByFour = () =>
  func(
    { name: "four", params: params("i32", "to", "stride") },
    times(4, (k) => set(`x${k}`, coefficient(k))),
    four(names("x", 4).map(get)),
    transpose(names("o", 4)),
    times(4, (k) => set(`x${k}`, get(`o${k}`))),
    four(names("x", 4).map(get)),
    set(
      "t0",
      i8x16.narrow_i16x8_u(
        i16x8.narrow_i32x4_s(whole(get("o0")), whole(get("o1"))),
        i16x8.narrow_i32x4_s(whole(get("o2")), whole(get("o3"))),
      ),
    ),
    times(4, (i) => i32.store(i === 0 ? get("to") : row(i), i32x4.extract_lane(i, get("t0")))),
  );

const eightByEight = () =>
  func(
    { name: "eight", params: params("i32", "to", "stride") },
    times(2, (part) =>
      code(
        times(8, (k) => set(`x${k}`, coefficient(k, part))),
        eight(names("x", 8).map(get)),
        transpose(names("o", 8).slice(0, 4)),
        transpose(names("o", 8).slice(4)),
        times(8, (i) => v128.store(i32(0), get(`o${i}`), AT.half + 32 * (4 * part + (i % 4)) + 16 * (i >> 2))),
      ),
    ),
    times(2, (part) =>
      code(
        times(8, (k) => set(`x${k}`, v128.load(i32(0), AT.half + 32 * k + 16 * part))),
        eight(names("x", 8).map(get)),
        times(8, (i) => v128.store(i32(0), whole(get(`o${i}`)), AT.done + 32 * i + 16 * part)),
      ),
    ),
    times(8, (i) => {
      const half = (part: number) => v128.load(i32(0), AT.done + 32 * i + 16 * part);
      const words = i16x8.narrow_i32x4_s(half(0), half(1));
      return code(
        set("t0", i8x16.narrow_i16x8_u(words, words)),
        i64.store(i === 0 ? get("to") : row(i), i64x2.extract_lane(0, get("t0"))),
      );
    }),
  );

const zeros = params("v128", "z");

/** Converts one number to a sample; needs the local `zeros`. */
const byteOf = (x: string) =>
  i8x16.extract_lane_u(0, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(whole(f32x4.splat(x)), get("z")), get("z")));

const single = (k: number, m: number) => f32.load(i32(0), AT.block + 32 * k + 4 * m);

const twoByTwo = () =>
  func(
    { name: "two", params: params("i32", "to", "stride"), zeros },
    set("a", f32.add(single(0, 0), single(1, 0))),
    set("b", f32.sub(single(0, 0), single(1, 0))),
    set("c", f32.add(single(0, 1), single(1, 1))),
    set("d", f32.sub(single(0, 1), single(1, 1))),
    i32.store8(get("to"), byteOf(f32.add(get("a"), get("c")))),
    i32.store8(get("to"), byteOf(f32.add(get("b"), get("d"))), 1),
    i32.store8(row(1), byteOf(f32.sub(get("a"), get("c")))),
    i32.store8(row(1), byteOf(f32.sub(get("b"), get("d"))), 1),
  );

/** A block whose only non-zero coefficient is the first: all samples are equal. */
const flat = () =>
  func(
    { name: "flat", params: params("i32", "size", "to", "stride"), zeros },
    set("all", mul(byteOf(single(0, 0)), i32(0x01010101))),
    when(
      i32.lt_u(get("size"), i32(4)),
      code(
        i32.store8(get("to"), get("all")),
        when(i32.eq(get("size"), i32(2)), code(i32.store16(get("to"), get("all")), i32.store16(row(1), get("all")))),
        leave(),
      ),
    ),
    set("end", add(get("to"), mul(get("size"), get("stride")))),
    loop(
      "rows",
      i32.store(get("to"), get("all")),
      when(i32.eq(get("size"), i32(8)), i32.store(get("to"), get("all"), 4)),
      br_if("rows", i32.ne(tee("to", add(get("to"), get("stride"))), get("end"))),
    ),
  );

/** Transforms a block's coefficients into 1, 2, 4 or 8 samples per side, from `$to` on. */
const bySize = () =>
  func(
    { name: "transform", params: params("i32", "size", "to", "stride"), zeros },
    when(i32.eq(get("size"), i32(4)), code(call("four", get("to"), get("stride")), leave())),
    when(i32.eq(get("size"), i32(8)), code(call("eight", get("to"), get("stride")), leave())),
    when(i32.eq(get("size"), i32(2)), code(call("two", get("to"), get("stride")), leave())),
    i32.store8(get("to"), byteOf(single(0, 0))),
  );

/** Inverse cosine transforms; see `factorOf`. */
export const transforms = () => code(data, fourByFour(), eightByEight(), twoByTwo(), flat(), bySize());
