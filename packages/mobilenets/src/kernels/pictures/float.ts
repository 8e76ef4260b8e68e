import { add, advance, get, i32, locals, set, sub, times, whileBelow } from "../wat.ts";
import { joined, normalised, upper } from "./bytes.ts";
import { GRAIN, WIDE_PIXEL } from "./layout.ts";

const zero = "(v128.const i32x4 0 0 0 0)";

/**
 * A row of float64 pixels filtered into float32 pixels: `sum(weights[k] * row[starts[x] / 24 + k])` for each output, one
 * tap after the other. `$taps` is even; it reads 8 bytes beyond the last pixel and writes 4 beyond.
 * @param starts in bytes
 */
const across = () => `
(func (export "across") (param $row i32) (param $starts i32) (param $weights i32) (param $taps i32) (param $count i32)
  (param $to i32) ${locals("i32", "p", "k")} ${locals("v128", "rg", "b", "w")}
  (loop $each
    ${set("p", add(get("row"), `(i32.load ${get("starts")})`))}
    ${set("k", get("taps"))}
    ${set("rg", zero)} ${set("b", zero)}
    (loop $pairs
      ${times(2, (i) => {
        const product = (at: number) => `(f64x2.mul ${get("w")} (v128.load offset=${WIDE_PIXEL * i + at} ${get("p")}))`;
        return `${set("w", `(v128.load64_splat offset=${8 * i} ${get("weights")})`)}
        ${set("rg", `(f64x2.add ${get("rg")} ${product(0)})`)}
        ${set("b", `(f64x2.add ${get("b")} ${product(16)})`)}`;
      })}
      ${advance("weights", i32(16))} ${advance("p", i32(2 * WIDE_PIXEL))}
      (br_if $pairs (local.tee $k ${sub(get("k"), i32(2))})))
    (v128.store ${get("to")} ${joined(`(f32x4.demote_f64x2_zero ${get("rg")})`, `(f32x4.demote_f64x2_zero ${get("b")})`)})
    ${advance("starts", i32(4))} ${advance("to", i32(12))}
    (br_if $each (local.tee $count ${sub(get("count"), i32(1))}))))`;

const PAIRS = GRAIN / 2;
const sums = Array.from({ length: PAIRS }, (_, i) => `s${i}`);

/** To bytes as torch rounds: half to even, cut to 0..255. */
const rounded = (v: string) =>
  `(f32x4.pmin (f32x4.pmax (f32x4.nearest ${v}) (v128.const i32x4 0 0 0 0)) (v128.const f32x4 255 255 255 255))`;

/**
 * Rows of float32 weighed into one, one after the other, rounded to float32 and normalised. Rows are `$stride` bytes
 * apart in a ring that ends at `$end` and has `$size` bytes; the first is at `$first`. Columns are read and written in
 * turns of `GRAIN`.
 * @param bytes whether sums are rounded to whole numbers before
 */
const down = () => `
(func (export "down") (param $first i32) (param $stride i32) (param $end i32) (param $size i32) (param $weights i32)
  (param $taps i32) (param $count i32) (param $bytes i32) (param $norm i32) (param $to i32)
  ${locals("i32", "p", "k", "q", "last")} ${locals("v128", "w", ...sums, "v0", "v1", "v2")}
  ${set("last", `(i32.add ${get("to")} (i32.shl ${get("count")} ${i32(2)}))`)}
  ${whileBelow(
    "to",
    get("last"),
    `${set("p", get("first"))}
    ${set("q", get("weights"))}
    ${set("k", get("taps"))}
    ${sums.map((sum) => set(sum, zero)).join("\n")}
    (loop $rows
      ${set("w", `(v128.load64_splat ${get("q")})`)}
      ${times(PAIRS, (i) => {
        const two = `(f64x2.promote_low_f32x4 (v128.load64_zero offset=${8 * i} ${get("p")}))`;
        return set(sums[i], `(f64x2.add ${get(sums[i])} (f64x2.mul ${get("w")} ${two}))`);
      })}
      ${advance("q", i32(8))}
      ${advance("p", get("stride"))}
      (if (i32.ge_u ${get("p")} ${get("end")}) (then ${set("p", sub(get("p"), get("size")))}))
      (br_if $rows (local.tee $k ${sub(get("k"), i32(1))})))
    ${times(3, (i) => set(`v${i}`, joined(demoted(sums[2 * i]), demoted(sums[2 * i + 1]))))}
    (if ${get("bytes")} (then ${times(3, (i) => set(`v${i}`, rounded(get(`v${i}`))))}))
    ${times(3, (i) => {
      const v = get(`v${i}`);
      return `(v128.store offset=${16 * i} ${get("to")} ${normalised(promoted(v), promoted(upper(v)), i)})`;
    })}
    ${advance("first", i32(4 * GRAIN))} ${advance("to", i32(4 * GRAIN))}`,
  )})`;

const demoted = (name: string) => `(f32x4.demote_f64x2_zero ${get(name)})`;
const promoted = (v: string) => `(f64x2.promote_low_f32x4 ${v})`;

/** Resizing in floats, with the sums of `image/resize.ts`: float64, in its order, rounded to float32 between the passes. */
export const float = () => `${across()} ${down()}`;
