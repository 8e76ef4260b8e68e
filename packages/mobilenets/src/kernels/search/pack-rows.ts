import { advance, get, i32, locals, set, sub, times } from "../wat.ts";

const everyRow = (body: string) => `
  (if (i32.eqz ${get("count")}) (then (return)))
  (loop $each
    ${set("k", get("padded"))}
    ${body}
    (br_if $each (local.tee $count ${sub(get("count"), i32(1))})))`;

const everyStep = (name: string, numbers: number, body: string) => `
  (loop $${name}
    ${body}
    (br_if $${name} (local.tee $k ${sub(get("k"), i32(numbers))})))`;

const low = (v: string) => `(f64x2.promote_low_f32x4 ${v})`;
const high = (v: string) =>
  `(f64x2.promote_low_f32x4 (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 ${v} ${v}))`;
const square = (sum: string, v: string) =>
  set(sum, `(f64x2.add ${get(sum)} (f64x2.mul (local.tee $w ${v}) ${get("w")}))`);

/** `out[r]`, a float64: the sum of row r's squares. */
const squares = () => `
(func (export "squares") (param $from i32) (param $count i32) (param $padded i32) (param $out i32)
  ${locals("i32", "k")} ${locals("v128", "s0", "s1", "v", "w")}
  ${everyRow(`
    ${set("s0", "(v128.const i32x4 0 0 0 0)")} ${set("s1", "(v128.const i32x4 0 0 0 0)")}
    ${everyStep(
      "numbers",
      4,
      `${set("v", `(v128.load ${get("from")})`)}
      ${square("s0", low(get("v")))} ${square("s1", high(get("v")))}
      ${advance("from", i32(16))}`,
    )}
    ${set("s0", `(f64x2.add ${get("s0")} ${get("s1")})`)}
    (f64.store ${get("out")} (f64.add (f64x2.extract_lane 0 ${get("s0")}) (f64x2.extract_lane 1 ${get("s0")})))
    ${advance("out", i32(8))}`)})`;

const all = (bits: string) => `(v128.const i32x4 ${bits} ${bits} ${bits} ${bits})`;

/** Four float32 at `$from` as float16 bits in 32: the nearest, ties to even; what would be subnormal becomes 0. */
const half = (i: number) => `
  ${set("v", `(f32x4.mul (f32x4.mul (v128.load offset=${16 * i} ${get("from")}) ${get("f")}) ${get("g")})`)}
  ${set("w", `(v128.and ${get("v")} ${all("0x7fffffff")})`)}
  ${set(
    `h${i}`,
    `(v128.or (i32x4.shr_u (v128.and ${get("v")} ${all("0x80000000")}) ${i32(16)})
    (v128.and (i32x4.ge_s ${get("w")} ${all("0x00800000")})
      (i32x4.shr_u (i32x4.add (i32x4.add ${get("w")} ${all("0xfff")})
        (v128.and (i32x4.shr_u ${get("w")} ${i32(13)}) ${all("1")})) ${i32(13)})))`,
  )}`;

/** Float32 rows times `factors[r]`, at most 1 in absolute value then, times `$scale`, as float16. */
const toFloat16 = () => `
(func (export "to-f16") (param $from i32) (param $count i32) (param $padded i32) (param $factors i32) (param $scale f32)
  (param $to i32) ${locals("i32", "k")} ${locals("v128", "f", "g", "v", "w", "h0", "h1")}
  ${set("g", `(f32x4.splat (f32.mul ${get("scale")} (f32.const 0x1p-112)))`)}
  ${everyRow(`
    ${set("f", `(v128.load32_splat ${get("factors")})`)}
    ${everyStep(
      "numbers",
      8,
      `${times(2, half)}
      (v128.store ${get("to")} (i16x8.narrow_i32x4_u ${get("h0")} ${get("h1")}))
      ${advance("from", i32(32))} ${advance("to", i32(16))}`,
    )}
    ${advance("factors", i32(4))}`)})`;

const nearest = (i: number) =>
  `(i32x4.trunc_sat_f32x4_s (f32x4.nearest (f32x4.mul (v128.load offset=${16 * i} ${get("from")}) ${get("f")})))`;

/** Float32 rows as int8, -127 to 127, a step of `steps[r]` = largest absolute value / 127 each; a row of zeros has step 0. */
const toInt8 = () => `
(func (export "to-i8") (param $from i32) (param $count i32) (param $padded i32) (param $to i32) (param $steps i32)
  ${locals("i32", "k", "p")} (local $m f32) ${locals("v128", "f", "v")}
  ${everyRow(`
    ${set("p", get("from"))}
    ${set("v", "(v128.const i32x4 0 0 0 0)")}
    ${everyStep(
      "largest",
      4,
      `${set("v", `(f32x4.pmax ${get("v")} (f32x4.abs (v128.load ${get("p")})))`)} ${advance("p", i32(16))}`,
    )}
    ${set(
      "m",
      `(f32.max (f32.max (f32x4.extract_lane 0 ${get("v")}) (f32x4.extract_lane 1 ${get("v")}))
      (f32.max (f32x4.extract_lane 2 ${get("v")}) (f32x4.extract_lane 3 ${get("v")})))`,
    )}
    (f32.store ${get("steps")} (f32.div ${get("m")} (f32.const 127)))
    ${set(
      "f",
      `(f32x4.splat (select (f32.div (f32.const 127) ${get("m")}) (f32.const 0) (f32.gt ${get("m")} (f32.const 0))))`,
    )}
    ${set("k", get("padded"))}
    ${everyStep(
      "numbers",
      16,
      `(v128.store ${get("to")} (i8x16.narrow_i16x8_s
        (i16x8.narrow_i32x4_s ${nearest(0)} ${nearest(1)}) (i16x8.narrow_i32x4_s ${nearest(2)} ${nearest(3)})))
      ${advance("from", i32(64))} ${advance("to", i32(16))}`,
    )}
    ${advance("steps", i32(4))}`)})`;

/** Float32 rows into the forms that they are searched in. */
export const packRows = () => `${squares()} ${toFloat16()} ${toInt8()}`;
