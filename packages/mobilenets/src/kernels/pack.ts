import { func, params } from "./func.ts";
import { f32Gemm, tapBytes } from "./geometry.ts";
import { add, br_if, code, f32x4, f64x2, get, i32, loop, set, sub, tee, times, v128, when } from "./instructions.ts";
import { advance, countdown, storeVectors } from "./wat.ts";

/** Bytes of one tap of a panel. */
const ROW = tapBytes(f32Gemm);

const nextRow = (stride: string) =>
  code(advance("p", stride), advance("q", i32(ROW)), br_if("rows", tee("k", sub(get("k"), i32(1)))));

/** Copies `$k` rows (at least one) of eight floats, `stride` bytes apart from `$p` on, to adjacent rows at `$q`. */
export const copyRows = (stride: string) =>
  loop("rows", storeVectors("q", [v128.load(get("p")), v128.load(get("p"), 16)]), nextRow(stride));

/** Locals of the scales, two columns each. */
const factors = ["s0", "s1", "s2", "s3"];

/** The same, with each column times its float64 at `$scale`, rounded once. */
const scaleRows = (stride: string) =>
  code(
    times(4, (i) => set(factors[i], v128.load(get("scale"), 16 * i))),
    loop(
      "rows",
      times(4, (i) =>
        v128.store64_lane(
          0,
          get("q"),
          f32x4.demote_f64x2_zero(
            f64x2.mul(get(factors[i]), f64x2.promote_low_f32x4(v128.load64_zero(get("p"), 8 * i))),
          ),
          8 * i,
        ),
      ),
      nextRow(stride),
    ),
  );

/**
 * Packs weights into the panels of `f32-gemm` when a model is loaded: from a matrix of `$rows` rows, `$stride` bytes
 * apart, eight columns per panel, the panels `$panel` bytes apart; each column times its float64 at `$scale`, unless that
 * is 0. It is a function of the module, not a step of a plan.
 */
export const pack = () =>
  func(
    { exported: "pack", params: params("i32", "from", "stride", "rows", "to", "panel", "panels", "scale") },
    countdown(
      "each",
      "panels",
      1,
      set("p", get("from")),
      set("q", get("to")),
      set("k", get("rows")),
      when(
        get("scale"),
        code(scaleRows(get("stride")), set("scale", add(get("scale"), i32(64)))),
        copyRows(get("stride")),
      ),
      advance("from", i32(ROW)),
      advance("to", get("panel")),
    ),
  );
