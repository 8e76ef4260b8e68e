import { func, params } from "../func.ts";
import {
  code,
  f32,
  f32x4,
  f64,
  f64x2,
  get,
  i8x16,
  i16x8,
  i32,
  i32x4,
  leave,
  select,
  set,
  tee,
  times,
  v128,
  when,
} from "../instructions.ts";
import { advance, countdown } from "../wat.ts";

const everyRow = (body: string) =>
  code(when(i32.eqz(get("count")), leave()), countdown("each", "count", 1, set("k", get("padded")), body));

const everyStep = (name: string, numbers: number, body: string) => countdown(name, "k", numbers, body);

const low = (v: string) => f64x2.promote_low_f32x4(v);
const high = (v: string) =>
  f64x2.promote_low_f32x4(i8x16.shuffle([8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15], v, v));
const square = (sum: string, v: string) => set(sum, f64x2.add(get(sum), f64x2.mul(tee("w", v), get("w"))));

/** Computes the sum of row r's squares as float64, `out[r]`. */
const squares = () =>
  func(
    { exported: "squares", params: params("i32", "from", "count", "padded", "out") },
    everyRow(
      code(
        set("s0", i32x4(0)),
        set("s1", i32x4(0)),
        everyStep(
          "numbers",
          4,
          code(
            set("v", v128.load(get("from"))),
            square("s0", low(get("v"))),
            square("s1", high(get("v"))),
            advance("from", i32(16)),
          ),
        ),
        set("s0", f64x2.add(get("s0"), get("s1"))),
        f64.store(get("out"), f64.add(f64x2.extract_lane(0, get("s0")), f64x2.extract_lane(1, get("s0")))),
        advance("out", i32(8)),
      ),
    ),
  );

const all = (bits: string) => i32x4(bits);

/** Converts four float32 at `$from` to float16 bits in 32: nearest, ties to even; subnormal numbers become 0. */
const half = (i: number) =>
  code(
    set("v", f32x4.mul(f32x4.mul(v128.load(get("from"), 16 * i), get("f")), get("g"))),
    set("w", v128.and(get("v"), all("0x7fffffff"))),
    set(
      `h${i}`,
      v128.or(
        i32x4.shr_u(v128.and(get("v"), all("0x80000000")), i32(16)),
        v128.and(
          i32x4.ge_s(get("w"), all("0x00800000")),
          i32x4.shr_u(
            i32x4.add(i32x4.add(get("w"), all("0xfff")), v128.and(i32x4.shr_u(get("w"), i32(13)), all("1"))),
            i32(13),
          ),
        ),
      ),
    ),
  );

/** Converts float32 rows times `factors[r]` (then at most 1 in absolute value) times `$scale` to float16. */
const toFloat16 = () =>
  func(
    {
      exported: "to-f16",
      params: [
        ...params("i32", "from", "count", "padded", "factors"),
        ...params("f32", "scale"),
        ...params("i32", "to"),
      ],
    },
    set("g", f32x4.splat(f32.mul(get("scale"), f32("0x1p-112")))),
    everyRow(
      code(
        set("f", v128.load32_splat(get("factors"))),
        everyStep(
          "numbers",
          8,
          code(
            times(2, half),
            v128.store(get("to"), i16x8.narrow_i32x4_u(get("h0"), get("h1"))),
            advance("from", i32(32)),
            advance("to", i32(16)),
          ),
        ),
        advance("factors", i32(4)),
      ),
    ),
  );

const nearest = (i: number) =>
  i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(get("from"), 16 * i), get("f"))));

/** Converts float32 rows to int8, -127 to 127, with `steps[r]` = largest absolute value / 127; 0 for a row of zeros. */
const toInt8 = () =>
  func(
    { exported: "to-i8", params: params("i32", "from", "count", "padded", "to", "steps") },
    everyRow(
      code(
        set("p", get("from")),
        set("v", i32x4(0)),
        everyStep(
          "largest",
          4,
          code(set("v", f32x4.pmax(get("v"), f32x4.abs(v128.load(get("p"))))), advance("p", i32(16))),
        ),
        set(
          "m",
          f32.max(
            f32.max(f32x4.extract_lane(0, get("v")), f32x4.extract_lane(1, get("v"))),
            f32.max(f32x4.extract_lane(2, get("v")), f32x4.extract_lane(3, get("v"))),
          ),
        ),
        f32.store(get("steps"), f32.div(get("m"), f32(127))),
        set("f", f32x4.splat(select(f32.div(f32(127), get("m")), f32(0), f32.gt(get("m"), f32(0))))),
        set("k", get("padded")),
        everyStep(
          "numbers",
          16,
          code(
            v128.store(
              get("to"),
              i8x16.narrow_i16x8_s(
                i16x8.narrow_i32x4_s(nearest(0), nearest(1)),
                i16x8.narrow_i32x4_s(nearest(2), nearest(3)),
              ),
            ),
            advance("from", i32(64)),
            advance("to", i32(16)),
          ),
        ),
        advance("steps", i32(4)),
      ),
    ),
  );

/** Functions that pack float32 rows for search. */
export const packRows = () => code(squares(), toFloat16(), toInt8());
