import { f32Gemm, tapBytes } from "./geometry.ts";
import { add, advance, get, i32, locals, set, storeVectors, sub, times } from "./wat.ts";

/** Bytes of one tap of a panel. */
const ROW = tapBytes(f32Gemm);

const nextRow = (stride: string) => `
    ${advance("p", stride)}
    ${advance("q", i32(ROW))}
    (br_if $rows (local.tee $k ${sub(get("k"), i32(1))}))`;

/** Eight floats a row, from `$k` rows (at least one) `stride` bytes apart at `$p` to rows side by side at `$q`. */
export const copyRows = (stride: string) => `
  (loop $rows
    ${storeVectors("q", [`(v128.load ${get("p")})`, `(v128.load offset=16 ${get("p")})`])}
    ${nextRow(stride)})`;

/** Two columns each. */
const factors = ["s0", "s1", "s2", "s3"];

/** The same, each column times its float64 at `$scale`, rounded once. */
const scaleRows = (stride: string) => `
  ${times(4, (i) => set(factors[i], `(v128.load offset=${16 * i} ${get("scale")})`))}
  (loop $rows
    ${times(
      4,
      (i) => `(v128.store64_lane offset=${8 * i} 0 ${get("q")} (f32x4.demote_f64x2_zero (f64x2.mul ${get(factors[i])}
        (f64x2.promote_low_f32x4 (v128.load64_zero offset=${8 * i} ${get("p")})))))`,
    )}
    ${nextRow(stride)})`;

/**
 * Weights into the panels that `f32-gemm` reads, when a model is loaded: from a matrix of `$rows` rows, `$stride` bytes
 * apart, eight columns a panel, the panels `$panel` bytes apart; each column times its float64 at `$scale`, unless that is
 * 0. Not a step of a plan but a function of the module.
 */
export const pack = () => `
(func (export "pack") (param $from i32) (param $stride i32) (param $rows i32) (param $to i32) (param $panel i32)
  (param $panels i32) (param $scale i32) ${locals("i32", "p", "q", "k")} ${locals("v128", ...factors)}
  (loop $each
    ${set("p", get("from"))}
    ${set("q", get("to"))}
    ${set("k", get("rows"))}
    (if ${get("scale")}
      (then
        ${scaleRows(get("stride"))}
        ${set("scale", add(get("scale"), i32(64)))})
      (else ${copyRows(get("stride"))}))
    ${advance("from", i32(ROW))}
    ${advance("to", get("panel"))}
    (br_if $each (local.tee $panels ${sub(get("panels"), i32(1))}))))`;
