import { advance, get, i32, locals, set, sub, times } from "../wat.ts";

const sums = ["a0", "a1", "a2", "a3"];
const zero = "(v128.const i32x4 0 0 0 0)";

/**
 * `out[r] = (row r . query) * scales[r] * factor`, for `$count` rows of `$padded` numbers each.
 * @param step takes 16 numbers at `$p` of the row and at `$q` of the query into the four sums, and moves both
 * @param total the four sums as one float32
 */
const dotsOf = (name: string, step: string, total: string) => `
(func (export "${name}") (param $rows i32) (param $count i32) (param $padded i32) (param $query i32) (param $scales i32)
  (param $factor f32) (param $out i32) ${locals("i32", "p", "q", "k")} ${locals("v128", ...sums, "t")}
  (if (i32.eqz ${get("count")}) (then (return)))
  ${set("p", get("rows"))}
  (loop $each
    ${set("q", get("query"))}
    ${set("k", get("padded"))}
    ${sums.map((sum) => set(sum, zero)).join("\n")}
    (loop $numbers
      ${step}
      (br_if $numbers (local.tee $k ${sub(get("k"), i32(16))})))
    (f32.store ${get("out")} (f32.mul (f32.mul ${total} (f32.load ${get("scales")})) ${get("factor")}))
    ${advance("out", i32(4))}
    ${advance("scales", i32(4))}
    (br_if $each (local.tee $count ${sub(get("count"), i32(1))}))))`;

const sumOf = (op: string) => `(${op} (${op} ${get("a0")} ${get("a1")}) (${op} ${get("a2")} ${get("a3")}))`;

const float32Total = `(f32.add
  (f32.add (f32x4.extract_lane 0 (local.tee $t ${sumOf("f32x4.add")})) (f32x4.extract_lane 1 ${get("t")}))
  (f32.add (f32x4.extract_lane 2 ${get("t")}) (f32x4.extract_lane 3 ${get("t")})))`;

const int32Total = `(f32.convert_i32_s (i32.add
  (i32.add (i32x4.extract_lane 0 (local.tee $t ${sumOf("i32x4.add")})) (i32x4.extract_lane 1 ${get("t")}))
  (i32.add (i32x4.extract_lane 2 ${get("t")}) (i32x4.extract_lane 3 ${get("t")}))))`;

const queryAt = (i: number) => `(v128.load offset=${16 * i} ${get("q")})`;

const multiplyAdd = (i: number, row: string) =>
  set(sums[i], `(f32x4.add ${get(sums[i])} (f32x4.mul ${row} ${queryAt(i)}))`);

/**
 * A float16's exponent and fraction, 13 bits up, are a float32 of 2^-112 the number; a copied sign that is shifted with
 * them fills the bits between, which the mask takes away.
 */
const halves = (i: number) =>
  `(v128.and (i32x4.shl (v128.load16x4_s offset=${8 * i} ${get("p")}) ${i32(13)})
    (v128.const i32x4 0x8fffe000 0x8fffe000 0x8fffe000 0x8fffe000))`;

/** Eight int8 as int16 times the query's int16, pairs of them added: exact, as long as the caller keeps sums below 2^31. */
const bytes = (i: number) =>
  set(
    sums[i],
    `(i32x4.add ${get(sums[i])} (i32x4.dot_i16x8_s (v128.load8x8_s offset=${8 * i} ${get("p")}) ${queryAt(i)}))`,
  );

const move = (row: number, query: number) => `${advance("p", i32(row))} ${advance("q", i32(query))}`;

/** Dot products of rows with one query: of float32 and float16 rows with a float32 query, of int8 rows with an int16 one. */
export const dots = () => `
${dotsOf("f32-dots", `${times(4, (i) => multiplyAdd(i, `(v128.load offset=${16 * i} ${get("p")})`))} ${move(64, 64)}`, float32Total)}
${dotsOf("f16-dots", `${times(4, (i) => multiplyAdd(i, halves(i)))} ${move(32, 64)}`, float32Total)}
${dotsOf("i8-dots", `${times(2, bytes)} ${move(16, 32)}`, int32Total)}`;
