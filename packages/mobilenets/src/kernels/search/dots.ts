import { func, params } from "../func.ts";
import { add, code, f32, f32x4, get, i32, i32x4, leave, set, tee, times, v128, when } from "../instructions.ts";
import { advance, countdown } from "../wat.ts";

const sums = ["a0", "a1", "a2", "a3"];
const zero = i32x4(0);

/**
 * `out[r] = (row r . query) * scales[r] * factor`, for `$count` rows of `$padded` numbers each.
 * @param step adds the products of 16 numbers at `$p` of the row and `$q` of the query to the four sums, and moves both
 * @param total the four sums as one float32
 */
const dotsOf = (name: string, step: string, total: string) =>
  func(
    {
      exported: name,
      params: [
        ...params("i32", "rows", "count", "padded", "query", "scales"),
        ...params("f32", "factor"),
        ...params("i32", "out"),
      ],
    },
    when(i32.eqz(get("count")), leave()),
    set("p", get("rows")),
    countdown(
      "each",
      "count",
      1,
      set("q", get("query")),
      set("k", get("padded")),
      sums.map((sum) => set(sum, zero)),
      countdown("numbers", "k", 16, step),
      f32.store(get("out"), f32.mul(f32.mul(total, f32.load(get("scales"))), get("factor"))),
      advance("out", i32(4)),
      advance("scales", i32(4)),
    ),
  );

const sumOf = (plus: (a: string, b: string) => string) => plus(plus(get("a0"), get("a1")), plus(get("a2"), get("a3")));

const float32Total = f32.add(
  f32.add(f32x4.extract_lane(0, tee("t", sumOf(f32x4.add))), f32x4.extract_lane(1, get("t"))),
  f32.add(f32x4.extract_lane(2, get("t")), f32x4.extract_lane(3, get("t"))),
);

const int32Total = f32.convert_i32_s(
  add(
    add(i32x4.extract_lane(0, tee("t", sumOf(i32x4.add))), i32x4.extract_lane(1, get("t"))),
    add(i32x4.extract_lane(2, get("t")), i32x4.extract_lane(3, get("t"))),
  ),
);

const queryAt = (i: number) => v128.load(get("q"), 16 * i);

const multiplyAdd = (i: number, row: string) => set(sums[i], f32x4.add(get(sums[i]), f32x4.mul(row, queryAt(i))));

/**
 * A float16's exponent and fraction, shifted up by 13 bits, are a float32 of 2^-112 times the number. The extended sign
 * fills the bits between, which the mask clears.
 */
const halves = (i: number) => v128.and(i32x4.shl(v128.load16x4_s(get("p"), 8 * i), i32(13)), i32x4("0x8fffe000"));

/** Eight int8 as int16 times the query's int16, added in pairs: exact, because the caller keeps sums below 2^31. */
const bytes = (i: number) =>
  set(sums[i], i32x4.add(get(sums[i]), i32x4.dot_i16x8_s(v128.load8x8_s(get("p"), 8 * i), queryAt(i))));

const move = (row: number, query: number) => code(advance("p", i32(row)), advance("q", i32(query)));

/** Dot products of rows with one query: float32 and float16 rows with a float32 query, int8 rows with an int16 one. */
export const dots = () =>
  code(
    dotsOf(
      "f32-dots",
      code(
        times(4, (i) => multiplyAdd(i, v128.load(get("p"), 16 * i))),
        move(64, 64),
      ),
      float32Total,
    ),
    dotsOf(
      "f16-dots",
      code(
        times(4, (i) => multiplyAdd(i, halves(i))),
        move(32, 64),
      ),
      float32Total,
    ),
    dotsOf("i8-dots", code(times(2, bytes), move(16, 32)), int32Total),
  );
