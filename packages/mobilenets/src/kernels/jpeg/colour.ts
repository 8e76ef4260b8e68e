import { func, params } from "../func.ts";
import { br_if, code, get, i8x16, i16x8, i32, i64, i64x2, loop, set, sub, tee, v128, when } from "../instructions.ts";
import { advance } from "../wat.ts";

const plus = (a: string, b: string) => i16x8.add(a, b);

/** Fractional bits: as many as sums of 16 bits have room for. */
const BITS = 6;

/** Factors below 1, in locals, because V8 builds literals at each use. */
const factors = { "of-red": 0.402, "of-green-b": -0.344136, "of-green-r": -0.714136, "of-blue": 0.772 };
const part = (x: string, factor: keyof typeof factors) => i16x8.q15mulr_sat_s(x, get(factor));

/** Eight samples of a chroma row, less the middle value. */
const chroma = (name: string) =>
  code(
    when(
      get("shift"),
      code(
        set(name, v128.load32_zero(get(`${name}-at`))),
        set(name, i8x16.shuffle([0, 0, 1, 1, 2, 2, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0], get(name), get(name))),
      ),
      set(name, v128.load64_zero(get(`${name}-at`))),
    ),
    set(name, i16x8.shl(i16x8.sub(i16x8.extend_low_i8x16_u(get(name)), get("middle")), i32(BITS))),
    advance(`${name}-at`, i32.shr_u(i32(8), get("shift"))),
  );

const bytes = (x: string) => i16x8.shr_s(x, i32(BITS));

/**
 * Converts a row of YCbCr to RGB (JFIF 1.02): `$count` pixels in turns of eight, with up to 24 bytes past the end.
 * @param shift 1 if two pixels share a chroma sample, else 0
 */
export const colour = () =>
  func(
    { exported: "colour", params: params("i32", "y-at", "cb-at", "cr-at", "shift", "count", "to") },
    set("middle", i16x8(128)),
    set("half", i16x8(2 ** (BITS - 1))),
    Object.entries(factors).map(([name, factor]) => set(name, i16x8(Math.round(factor * 2 ** 15)))),
    loop(
      "each",
      set("y", plus(i16x8.shl(i16x8.extend_low_i8x16_u(v128.load64_zero(get("y-at"))), i32(BITS)), get("half"))),
      advance("y-at", i32(8)),
      chroma("cb"),
      chroma("cr"),
      set(
        "rg",
        i8x16.narrow_i16x8_u(
          bytes(plus(plus(get("y"), get("cr")), part(get("cr"), "of-red"))),
          bytes(plus(plus(get("y"), part(get("cb"), "of-green-b")), part(get("cr"), "of-green-r"))),
        ),
      ),
      set("b", bytes(plus(plus(get("y"), get("cb")), part(get("cb"), "of-blue")))),
      set("b", i8x16.narrow_i16x8_u(get("b"), get("b"))),
      v128.store(
        get("to"),
        i8x16.shuffle([0, 8, 16, 1, 9, 17, 2, 10, 18, 3, 11, 19, 4, 12, 20, 5], get("rg"), get("b")),
      ),
      i64.store(
        get("to"),
        i64x2.extract_lane(
          0,
          i8x16.shuffle([13, 21, 6, 14, 22, 7, 15, 23, 0, 0, 0, 0, 0, 0, 0, 0], get("rg"), get("b")),
        ),
        16,
      ),
      advance("to", i32(24)),
      br_if("each", i32.gt_s(tee("count", sub(get("count"), i32(8))), i32(0))),
    ),
  );
