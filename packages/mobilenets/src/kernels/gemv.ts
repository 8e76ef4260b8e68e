import { func, params } from "./func.ts";
import { biasBytes, F32_GEMM_UNROLL, f32Gemm, tapBytes, VECTOR_BYTES } from "./geometry.ts";
import { add, br_if, call, code, f32x4, get, i32, mul, set, times, v128, when } from "./instructions.ts";
import { activate, advance, argumentsOf, countdown, fma, type Isa, storeVectors, until } from "./wat.ts";

const arg = argumentsOf("f32-gemm");
/** Bytes of a panel's weights of one tap, two vectors. */
const ROW = tapBytes(f32Gemm);

/** Panels at a time: their 8 sums hide the latency of the additions. */
const PANELS = 4;
/** Locals of the sums: two vectors per panel. */
const sums = Array.from({ length: 2 * PANELS }, (_, i) => `acc${i}`);

/** Vector `i` of the sums' weights, of the tap at `offset` from the panels' addresses `$p0` to `$p3`. */
const weights = (i: number, offset = 0) => v128.load(get(`p${i >> 1}`), offset + VECTOR_BYTES * (i & 1));

/**
 * Computes one pixel times the panels from `$n0` to `$n1`: a dense layer, or a part of squeeze-and-excite. It takes four
 * panels at a time, and leaves the last ones to the tile of one row. There is no residual and no window. It reads each
 * weight once, so memory bandwidth limits it.
 */
export function gemv(isa: Isa): string {
  /** Adds the products of `count` turns of `unroll` taps. */
  const addTaps = (unroll: number, label: string, count: "k4" | "k1") =>
    code(
      set("k", arg(count)),
      when(
        get("k"),
        countdown(
          label,
          "k",
          1,
          times(unroll, (k) =>
            code(
              set("x", v128.load32_splat(get("a"), 4 * k)),
              sums.map((sum, i) => set(sum, fma(isa, get("x"), weights(i, ROW * k), get(sum)))),
            ),
          ),
          times(PANELS, (i) => advance(`p${i}`, i32(ROW * unroll))),
          advance("a", i32(4 * unroll)),
        ),
      ),
    );
  const next = add(get("n0"), i32(PANELS));
  return func(
    { name: "gemv", params: params("i32", "s", "n0", "n1") },
    set("act", arg("act")),
    set("low", f32x4.splat(arg("min"))),
    set("high", f32x4.splat(arg("max"))),
    set("panel", arg("panel")),
    until(
      "next",
      // The last panel of a layer may be half: another tile computes it.
      i32.gt_u(mul(next, i32(f32Gemm.nr)), arg("ns")),
      br_if("next-done", i32.gt_u(next, get("n1"))),
      set("a", arg("a")),
      set("p0", add(arg("w"), mul(get("n0"), get("panel")))),
      times(PANELS - 1, (i) => set(`p${i + 1}`, add(get(`p${i}`), get("panel")))),
      sums.map((sum, i) => set(sum, weights(i))),
      times(PANELS, (i) => advance(`p${i}`, i32(biasBytes(f32Gemm)))),
      addTaps(F32_GEMM_UNROLL, "four", "k4"),
      addTaps(1, "one", "k1"),
      activate(isa, sums),
      set("c", add(arg("c"), i32.shl(get("n0"), i32(Math.log2(ROW))))),
      storeVectors("c", sums.map(get)),
      advance("n0", i32(PANELS)),
    ),
    when(i32.lt_u(get("n0"), get("n1")), call("gemm-block", get("s"), i32(0), i32(1), get("n0"), get("n1"))),
  );
}
