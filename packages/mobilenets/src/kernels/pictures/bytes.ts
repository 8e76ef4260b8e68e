import { func, params } from "../func.ts";
import { add, code, f32x4, f64x2, get, i8x16, i16x8, i32, i32x4, set, sub, tee, times, v128 } from "../instructions.ts";
import { advance, until, whileBelow } from "../wat.ts";
import { GRAIN, PATTERN } from "./layout.ts";

const ones = i32x4(-1);
const colours = i32x4("0x00ffffff");

/**
 * Copies the colours of `$count` pixels of RGBA without alpha. Returns 1 if every pixel is opaque, so that they are the
 * picture's own. Writes up to 4 bytes past the end.
 */
const opaque = () =>
  func(
    { exported: "opaque", params: params("i32", "from", "count", "to"), result: "i32" },
    set("all", ones),
    set("rest", i32(-1)),
    set("end", add(get("from"), i32.shl(i32.and(get("count"), i32(-4)), i32(2)))),
    whileBelow(
      "from",
      get("end"),
      set("v", v128.load(get("from"))),
      set("all", v128.and(get("all"), get("v"))),
      v128.store(get("to"), i8x16.swizzle(get("v"), i8x16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 128, 128, 128, 128))),
      advance("from", i32(16)),
      advance("to", i32(12)),
    ),
    set("end", add(get("end"), i32.shl(i32.and(get("count"), i32(3)), i32(2)))),
    whileBelow(
      "from",
      get("end"),
      i32.store(get("to"), i32.load(get("from"))),
      set("rest", i32.and(get("rest"), i32.load(get("from")))),
      advance("from", i32(4)),
      advance("to", i32(3)),
    ),
    i32.and(i32x4.all_true(i32x4.eq(v128.or(get("all"), colours), ones)), i32.ge_u(get("rest"), i32(0xff000000 | 0))),
  );

/**
 * Normalises four samples in float64 to float32, rounded once, as JavaScript computes `(x - mean) / std` for an element of
 * a Float32Array.
 * @param low two samples as float64
 * @param high the next two
 * @param i index of the four samples in a turn
 */
export function normalised(low: string, high: string, i: number): string {
  const mean = (j: number) => v128.load(get("norm"), 16 * (j % PATTERN));
  const std = (j: number) => v128.load(get("norm"), 16 * (PATTERN + (j % PATTERN)));
  const two = (x: string, j: number) => f32x4.demote_f64x2_zero(f64x2.div(f64x2.sub(x, mean(j)), std(j)));
  return joined(two(low, 2 * i), two(high, 2 * i + 1));
}

/** The first two numbers of each vector. */
export const joined = (a: string, b: string) =>
  i8x16.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23], a, b);

/** Moves the upper half of a vector to the lower half. */
export const upper = (v: string) => i8x16.shuffle([8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15], v, v);

const real = (integers: string) => f64x2.convert_low_i32x4_s(integers);

/** Normalises `$count` bytes. Reads and writes up to one turn past the end. */
const normalise = () =>
  func(
    { exported: "normalise", params: params("i32", "from", "count", "norm", "to") },
    set("end", add(get("from"), get("count"))),
    whileBelow(
      "from",
      get("end"),
      set("low", i16x8.extend_low_i8x16_u(tee("high", v128.load(get("from"))))),
      set("high", i16x8.extend_high_i8x16_u(get("high"))),
      set("q0", i32x4.extend_low_i16x8_u(get("low"))),
      set("q1", i32x4.extend_high_i16x8_u(get("low"))),
      set("q2", i32x4.extend_low_i16x8_u(get("high"))),
      times(3, (i) => {
        const four = get(`q${i}`);
        return v128.store(get("to"), normalised(real(four), real(upper(four)), i), 16 * i);
      }),
      advance("from", i32(GRAIN)),
      advance("to", i32(4 * GRAIN)),
    ),
  );

/** Converts `$count` bytes to float64. Reads up to 7 bytes past the end, and writes up to 7 numbers past it. */
const widen = () =>
  func(
    { exported: "widen", params: params("i32", "from", "count", "to") },
    until(
      "each",
      i32.le_s(get("count"), i32(0)),
      set("v", v128.load8x8_u(get("from"))),
      times(2, (i) => {
        const extend = i === 0 ? "low" : "high";
        return code(
          set("four", `(${`i32x4.extend_${extend}_i16x8_u`} ${get("v")})`),
          v128.store(get("to"), real(get("four")), 32 * i),
          v128.store(get("to"), real(upper(get("four"))), 32 * i + 16),
        );
      }),
      advance("from", i32(8)),
      advance("to", i32(64)),
      set("count", sub(get("count"), i32(8))),
    ),
  );

/** Functions that convert a picture's bytes. */
export const bytes = () => code(opaque(), widen(), normalise());
