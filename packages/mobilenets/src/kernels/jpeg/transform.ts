import { add, get, i32, locals, set, times } from "../wat.ts";
import { AT } from "./layout.ts";

/** Factors, in a data segment: V8 loads one with one instruction, and builds a literal with four each time. */
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

const constant = (x: number) =>
  `(v128.load32_splat offset=${AT.constants + 4 * constants.indexOf(Math.fround(x))} ${i32(0)})`;
const plus = (a: string, b: string) => `(f32x4.add ${a} ${b})`;
const minus = (a: string, b: string) => `(f32x4.sub ${a} ${b})`;
const scaled = (x: string, by: number) => `(f32x4.mul ${x} ${constant(by)})`;

/** Four samples of four coefficients, in locals; sets `o0` to `o3`. */
const four = (x: readonly string[]) => {
  const [a, b] = quarters;
  return `
  ${set("e0", plus(x[0], x[2]))} ${set("e1", minus(x[0], x[2]))}
  ${set("d0", plus(scaled(x[1], a), scaled(x[3], b)))} ${set("d1", minus(scaled(x[1], b), scaled(x[3], a)))}
  ${set("o0", plus(get("e0"), get("d0")))} ${set("o3", minus(get("e0"), get("d0")))}
  ${set("o1", plus(get("e1"), get("d1")))} ${set("o2", minus(get("e1"), get("d1")))}`;
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

/** Eight of eight; sets `o0` to `o7`. */
const eight = (x: readonly string[]) => {
  const [a, b] = eighths;
  const odd = [0, 1, 2, 3].map((n) => [1, 3, 5, 7].reduce((sum, k) => addCosine(sum, x[k], (2 * n + 1) * k), ""));
  return `
  ${set("d0", plus(x[0], x[4]))} ${set("d1", minus(x[0], x[4]))}
  ${set("d2", plus(scaled(x[2], a), scaled(x[6], b)))} ${set("d3", minus(scaled(x[2], b), scaled(x[6], a)))}
  ${set("e0", plus(get("d0"), get("d2")))} ${set("e3", minus(get("d0"), get("d2")))}
  ${set("e1", plus(get("d1"), get("d3")))} ${set("e2", minus(get("d1"), get("d3")))}
  ${times(4, (n) => `${set(`d${n}`, odd[n])}`)}
  ${times(4, (n) => `${set(`o${n}`, plus(get(`e${n}`), get(`d${n}`)))} ${set(`o${7 - n}`, minus(get(`e${n}`), get(`d${n}`)))}`)}`;
};

/** Rows of four locals as columns, in place; needs locals `t0` to `t3`. */
const transpose = ([a, b, c, d]: readonly string[]) => {
  const low = (x: string, y: string) => `(i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 ${get(x)} ${get(y)})`;
  const high = (x: string, y: string) =>
    `(i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 ${get(x)} ${get(y)})`;
  const first = (x: string, y: string) => `(i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 ${get(x)} ${get(y)})`;
  const last = (x: string, y: string) =>
    `(i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 ${get(x)} ${get(y)})`;
  return `
  ${set("t0", low(a, b))} ${set("t1", high(a, b))} ${set("t2", low(c, d))} ${set("t3", high(c, d))}
  ${set(a, first("t0", "t2"))} ${set(b, last("t0", "t2"))} ${set(c, first("t1", "t3"))} ${set(d, last("t1", "t3"))}`;
};

const whole = (x: string) => `(i32x4.sub ${plus(x, constant(middle))} ${constant(ROUNDING)})`;

const names = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => `${prefix}${i}`);
const temporaries = locals("v128", ...names("e", 4), ...names("d", 4), ...names("t", 4), ...names("o", 8));

/** Coefficients of a block lie column after column: the first pass is across. */
const coefficient = (k: number, part = 0) => `(v128.load offset=${AT.block + 32 * k + 16 * part} ${i32(0)})`;

const row = (i: number) => add(get("to"), i === 1 ? get("stride") : `(i32.mul ${get("stride")} ${i32(i)})`);

const fourByFour = () => `
(func $four (param $to i32) (param $stride i32) ${temporaries} ${locals("v128", ...names("x", 4))}
  ${times(4, (k) => set(`x${k}`, coefficient(k)))}
  ${four(names("x", 4).map(get))}
  ${transpose(names("o", 4))}
  ${times(4, (k) => set(`x${k}`, get(`o${k}`)))}
  ${four(names("x", 4).map(get))}
  ${set(
    "t0",
    `(i8x16.narrow_i16x8_u (i16x8.narrow_i32x4_s ${whole(get("o0"))} ${whole(get("o1"))})
    (i16x8.narrow_i32x4_s ${whole(get("o2"))} ${whole(get("o3"))}))`,
  )}
  ${times(4, (i) => `(i32.store ${i === 0 ? get("to") : row(i)} (i32x4.extract_lane ${i} ${get("t0")}))`)})`;

const eightByEight = () => `
(func $eight (param $to i32) (param $stride i32) ${temporaries} ${locals("v128", ...names("x", 8))}
  ${times(
    2,
    (part) => `
  ${times(8, (k) => set(`x${k}`, coefficient(k, part)))}
  ${eight(names("x", 8).map(get))}
  ${transpose(names("o", 8).slice(0, 4))} ${transpose(names("o", 8).slice(4))}
  ${times(8, (i) => `(v128.store offset=${AT.half + 32 * (4 * part + (i % 4)) + 16 * (i >> 2)} ${i32(0)} ${get(`o${i}`)})`)}`,
  )}
  ${times(
    2,
    (part) => `
  ${times(8, (k) => set(`x${k}`, `(v128.load offset=${AT.half + 32 * k + 16 * part} ${i32(0)})`))}
  ${eight(names("x", 8).map(get))}
  ${times(8, (i) => `(v128.store offset=${AT.done + 32 * i + 16 * part} ${i32(0)} ${whole(get(`o${i}`))})`)}`,
  )}
  ${times(8, (i) => {
    const half = (part: number) => `(v128.load offset=${AT.done + 32 * i + 16 * part} ${i32(0)})`;
    const words = `(i16x8.narrow_i32x4_s ${half(0)} ${half(1)})`;
    return `${set("t0", `(i8x16.narrow_i16x8_u ${words} ${words})`)}
    (i64.store ${i === 0 ? get("to") : row(i)} (i64x2.extract_lane 0 ${get("t0")}))`;
  })})`;

/** One number as a sample. */
const byteOf = (x: string) =>
  `(i8x16.extract_lane_u 0 (i8x16.narrow_i16x8_u (i16x8.narrow_i32x4_s ${whole(`(f32x4.splat ${x})`)} ${get("z")}) ${get("z")}))`;

const single = (k: number, m: number) => `(f32.load offset=${AT.block + 32 * k + 4 * m} ${i32(0)})`;

const twoByTwo = () => `
(func $two (param $to i32) (param $stride i32) ${locals("f32", "a", "b", "c", "d")} ${locals("v128", "z")}
  ${set("a", `(f32.add ${single(0, 0)} ${single(1, 0)})`)} ${set("b", `(f32.sub ${single(0, 0)} ${single(1, 0)})`)}
  ${set("c", `(f32.add ${single(0, 1)} ${single(1, 1)})`)} ${set("d", `(f32.sub ${single(0, 1)} ${single(1, 1)})`)}
  (i32.store8 ${get("to")} ${byteOf(`(f32.add ${get("a")} ${get("c")})`)})
  (i32.store8 offset=1 ${get("to")} ${byteOf(`(f32.add ${get("b")} ${get("d")})`)})
  (i32.store8 ${row(1)} ${byteOf(`(f32.sub ${get("a")} ${get("c")})`)})
  (i32.store8 offset=1 ${row(1)} ${byteOf(`(f32.sub ${get("b")} ${get("d")})`)}))`;

/** A block of which the first coefficient alone is not 0: its samples are alike. */
const flat = () => `
(func $flat (param $size i32) (param $to i32) (param $stride i32) ${locals("i32", "end", "all")} ${locals("v128", "z")}
  ${set("all", `(i32.mul ${byteOf(single(0, 0))} ${i32(0x01010101)})`)}
  (if (i32.lt_u ${get("size")} ${i32(4)}) (then
    (i32.store8 ${get("to")} ${get("all")})
    (if (i32.eq ${get("size")} ${i32(2)}) (then (i32.store16 ${get("to")} ${get("all")}) (i32.store16 ${row(1)} ${get("all")})))
    (return)))
  ${set("end", add(get("to"), `(i32.mul ${get("size")} ${get("stride")})`))}
  (loop $rows
    (i32.store ${get("to")} ${get("all")})
    (if (i32.eq ${get("size")} ${i32(8)}) (then (i32.store offset=4 ${get("to")} ${get("all")})))
    (br_if $rows (i32.ne (local.tee $to ${add(get("to"), get("stride"))}) ${get("end")}))))`;

/** From a block's coefficients to so many samples across and down, from `$to` on. */
const bySize = () => `
(func $transform (param $size i32) (param $to i32) (param $stride i32) ${locals("v128", "z")}
  (if (i32.eq ${get("size")} ${i32(4)}) (then (call $four ${get("to")} ${get("stride")}) (return)))
  (if (i32.eq ${get("size")} ${i32(8)}) (then (call $eight ${get("to")} ${get("stride")}) (return)))
  (if (i32.eq ${get("size")} ${i32(2)}) (then (call $two ${get("to")} ${get("stride")}) (return)))
  (i32.store8 ${get("to")} ${byteOf(single(0, 0))}))`;

/** Inverse cosine transforms; see `factorOf`. */
export const transforms = () => `${data} ${fourByFour()} ${eightByEight()} ${twoByTwo()} ${flat()} ${bySize()}`;
