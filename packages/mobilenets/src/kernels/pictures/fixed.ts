import { func, params } from "../func.ts";
import { add, code, get, i8x16, i16x8, i32, i32x4, set, sub, times, v128, when } from "../instructions.ts";
import { advance, countdown, whileBelow } from "../wat.ts";
import { ACROSS_TAPS, DOWN_GRAIN, SPLIT } from "./layout.ts";

const zero = i32x4(0);

/** Pillow's `PRECISION_BITS`; see `image/fixed-point.ts`. */
const BITS = 22;

const half = i32x4(2 ** (BITS - 1));

/** Combines the sums of both halves into four samples, 32-bit integers not yet clamped to 0..255. */
const sample = (low: string, high: string) =>
  i32x4.shr_s(i32x4.add(i32x4.add(get(low), half), i32x4.shl(get(high), i32(SPLIT))), i32(BITS));

/** Adds the products of pairs of 16-bit numbers: `$sum += dot($x, weights)`. */
const accumulate = (sum: string, x: string, weights: string) =>
  set(sum, i32x4.add(get(sum), i32x4.dot_i16x8_s(x, weights)));

/** Two neighbouring pixels of a vector of bytes, as pairs of 16 bits: red and red, green and green, blue and blue. */
const pairs = (pixel: number) => {
  // `i8x16.swizzle` gives 0 for a lane of 128.
  const bytes = [0, 1, 2].flatMap((c) => [3 * pixel + c, 128, 3 * pixel + 3 + c, 128]);
  return i8x16(...bytes, 128, 128, 128, 128);
};

/**
 * Filters a row of RGB into one of `$count` pixels, in `$turns` of four taps. A turn's weights are the low and high halves
 * of the first two taps, then of the others, 16 bits each. Reads up to 16 bytes past the last pixel, writes one past it.
 * @param starts in bytes
 */
const fixedAcross = () =>
  func(
    { exported: "fixed-across", params: params("i32", "row", "starts", "weights", "turns", "count", "to") },
    // In locals, because V8 builds literals at each use.
    set("pairs0", pairs(0)),
    set("pairs2", pairs(2)),
    countdown(
      "each",
      "count",
      1,
      set("p", add(get("row"), i32.load(get("starts")))),
      set("k", get("turns")),
      set("low", zero),
      set("high", zero),
      countdown(
        "taps",
        "k",
        1,
        set("v", v128.load(get("p"))),
        times(2, (i) => {
          const weights = (at: number) => v128.load32_splat(get("weights"), 8 * i + at);
          return code(
            set("x", i8x16.swizzle(get("v"), get(`pairs${2 * i}`))),
            accumulate("low", get("x"), weights(0)),
            accumulate("high", get("x"), weights(4)),
          );
        }),
        advance("weights", i32(4 * ACROSS_TAPS)),
        advance("p", i32(3 * ACROSS_TAPS)),
      ),
      set("v", i16x8.narrow_i32x4_s(sample("low", "high"), zero)),
      i32.store(get("to"), i32x4.extract_lane(0, i8x16.narrow_i16x8_u(get("v"), get("v")))),
      advance("starts", i32(4)),
      advance("to", i32(3)),
    ),
  );

const quarters = Array.from({ length: DOWN_GRAIN / 4 }, (_, i) => i);
const lows = quarters.map((i) => `l${i}`);
const highs = quarters.map((i) => `h${i}`);

/** Interleaves the bytes of two rows. */
const interleaved = (half: "low" | "high") => {
  const from = half === "low" ? 0 : 8;
  const lanes = Array.from({ length: 8 }, (_, i) => [from + i, 16 + from + i]);
  return i8x16.shuffle(lanes.flat(), get("a"), get("b"));
};

/**
 * Combines rows of bytes into one. Rows are `$stride` bytes apart in a ring that ends at `$end` and has `$size` bytes; the
 * first is at `$first`. There are `$turns` of two rows; a turn's weights are low and high halves, 16 bits each. Bytes are
 * read and written `DOWN_GRAIN` at a time.
 */
const fixedDown = () =>
  func(
    {
      exported: "fixed-down",
      params: params("i32", "first", "stride", "end", "size", "weights", "turns", "count", "to"),
    },
    set("last", add(get("to"), get("count"))),
    whileBelow(
      "to",
      get("last"),
      set("p", get("first")),
      set("q", get("weights")),
      set("k", get("turns")),
      [...lows, ...highs].map((sum) => set(sum, zero)),
      countdown(
        "rows",
        "k",
        1,
        ["a", "b"].map((row) =>
          code(
            set(row, v128.load(get("p"))),
            advance("p", get("stride")),
            when(i32.ge_u(get("p"), get("end")), set("p", sub(get("p"), get("size")))),
          ),
        ),
        set("wl", v128.load32_splat(get("q"))),
        set("wh", v128.load32_splat(get("q"), 4)),
        quarters.map((i) => {
          const two = interleaved(i < 2 ? "low" : "high");
          return code(
            set("x", `(${`i16x8.extend_${i % 2 === 0 ? "low" : "high"}_i8x16_u`} ${two})`),
            accumulate(lows[i], get("x"), get("wl")),
            accumulate(highs[i], get("x"), get("wh")),
          );
        }),
        advance("q", i32(8)),
      ),
      v128.store(
        get("to"),
        i8x16.narrow_i16x8_u(
          i16x8.narrow_i32x4_s(sample("l0", "h0"), sample("l1", "h1")),
          i16x8.narrow_i32x4_s(sample("l2", "h2"), sample("l3", "h3")),
        ),
      ),
      advance("first", i32(DOWN_GRAIN)),
      advance("to", i32(DOWN_GRAIN)),
    ),
  );

/** Functions that resize in bytes, as `image/fixed-point.ts` does. */
export const fixed = () => code(fixedAcross(), fixedDown());
