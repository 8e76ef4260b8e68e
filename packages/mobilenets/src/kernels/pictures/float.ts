import { func, params } from "../func.ts";
import { add, code, f32x4, f64x2, get, i32, i32x4, set, sub, times, v128, when } from "../instructions.ts";
import { advance, countdown, whileBelow } from "../wat.ts";
import { joined, normalised, upper } from "./bytes.ts";
import { GRAIN, WIDE_PIXEL } from "./layout.ts";

const zero = i32x4(0);

/**
 * Filters a row of float64 pixels into float32 pixels: `sum(weights[k] * row[starts[x] / 24 + k])` for each output, tap by
 * tap. `$taps` is even. It reads 8 bytes past the last pixel and writes 4 past it.
 * @param starts in bytes
 */
const across = () =>
  func(
    { exported: "across", params: params("i32", "row", "starts", "weights", "taps", "count", "to") },
    countdown(
      "each",
      "count",
      1,
      set("p", add(get("row"), i32.load(get("starts")))),
      set("k", get("taps")),
      set("rg", zero),
      set("b", zero),
      countdown(
        "pairs",
        "k",
        2,
        times(2, (i) => {
          const product = (at: number) => f64x2.mul(get("w"), v128.load(get("p"), WIDE_PIXEL * i + at));
          return code(
            set("w", v128.load64_splat(get("weights"), 8 * i)),
            set("rg", f64x2.add(get("rg"), product(0))),
            set("b", f64x2.add(get("b"), product(16))),
          );
        }),
        advance("weights", i32(16)),
        advance("p", i32(2 * WIDE_PIXEL)),
      ),
      v128.store(get("to"), joined(f32x4.demote_f64x2_zero(get("rg")), f32x4.demote_f64x2_zero(get("b")))),
      advance("starts", i32(4)),
      advance("to", i32(12)),
    ),
  );

const PAIRS = GRAIN / 2;
const sums = Array.from({ length: PAIRS }, (_, i) => `s${i}`);

/** Rounds to bytes as torch does: half to even, clamped to 0..255. */
const rounded = (v: string) => f32x4.pmin(f32x4.pmax(f32x4.nearest(v), i32x4(0)), f32x4(255));

/**
 * Combines rows of float32 into one, row by row, rounded to float32 and normalised. Rows are `$stride` bytes apart in a
 * ring that ends at `$end` and has `$size` bytes; the first is at `$first`. Columns are read and written `GRAIN` at a
 * time.
 * @param bytes whether sums are first rounded to whole numbers
 */
const down = () =>
  func(
    {
      exported: "down",
      params: params("i32", "first", "stride", "end", "size", "weights", "taps", "count", "bytes", "norm", "to"),
    },
    set("last", add(get("to"), i32.shl(get("count"), i32(2)))),
    whileBelow(
      "to",
      get("last"),
      set("p", get("first")),
      set("q", get("weights")),
      set("k", get("taps")),
      sums.map((sum) => set(sum, zero)),
      countdown(
        "rows",
        "k",
        1,
        set("w", v128.load64_splat(get("q"))),
        times(PAIRS, (i) => {
          const two = f64x2.promote_low_f32x4(v128.load64_zero(get("p"), 8 * i));
          return set(sums[i], f64x2.add(get(sums[i]), f64x2.mul(get("w"), two)));
        }),
        advance("q", i32(8)),
        advance("p", get("stride")),
        when(i32.ge_u(get("p"), get("end")), set("p", sub(get("p"), get("size")))),
      ),
      times(3, (i) => set(`v${i}`, joined(demoted(sums[2 * i]), demoted(sums[2 * i + 1])))),
      when(
        get("bytes"),
        times(3, (i) => set(`v${i}`, rounded(get(`v${i}`)))),
      ),
      times(3, (i) => {
        const v = get(`v${i}`);
        return v128.store(get("to"), normalised(promoted(v), promoted(upper(v)), i), 16 * i);
      }),
      advance("first", i32(4 * GRAIN)),
      advance("to", i32(4 * GRAIN)),
    ),
  );

const demoted = (name: string) => f32x4.demote_f64x2_zero(get(name));
const promoted = (v: string) => f64x2.promote_low_f32x4(v);

/** Functions that resize in floats with the sums of `image/resize.ts`: float64, rounded to float32 between the passes. */
export const float = () => code(across(), down());
