import { biasBytes, F32_GEMM_UNROLL, f32Gemm, tapBytes } from "./geometry.ts";
import {
  activate,
  add,
  advance,
  argumentsOf,
  fma,
  get,
  type Isa,
  i32,
  locals,
  mul,
  set,
  splat,
  storeVectors,
  sub,
  times,
} from "./wat.ts";

const arg = argumentsOf("f32-gemm");
const ROW = tapBytes(f32Gemm);

/** Panels of a matrix-vector product side by side: 8 sums in flight hide the latency of the additions. */
const GEMV_PANELS = 4;

/**
 * One pixel times panels `$n0` to `$n1`, 4 at a time: a dense layer, or squeeze-and-excite. What is left goes
 * through the one-row tile. No residual; the weights pass by once, so their speed is the memory's.
 */
export function gemv(isa: Isa): string {
  const each = (code: (i: number) => string) => times(2 * GEMV_PANELS, code);
  const step = (k: number) => `
    (local.set $x (v128.load32_splat offset=${4 * k} ${get("a")}))
    ${each((i) => set(`acc${i}`, fma(isa, get("x"), `(v128.load offset=${ROW * k + 16 * (i & 1)} ${get(`p${i >> 1}`)})`, get(`acc${i}`))))}`;
  const taps = (unroll: number, label: string, count: "k4" | "k1") => `
    ${set("k", arg(count))}
    (if ${get("k")} (then (loop $${label}
      ${times(unroll, step)}
      ${times(GEMV_PANELS, (i) => advance(`p${i}`, i32(ROW * unroll)))}
      ${advance("a", i32(4 * unroll))}
      (br_if $${label} (local.tee $k ${sub(get("k"), i32(1))})))))`;
  return `
(func $gemv (param $s i32) (param $n0 i32) (param $n1 i32)
  ${locals("i32", "a", "c", "k", "act", "panel")}
  ${times(GEMV_PANELS, (i) => locals("i32", `p${i}`))}
  ${locals("v128", "x", "low", "high")}
  ${each((i) => locals("v128", `acc${i}`))}
  ${set("act", arg("act"))}
  ${set("low", splat(arg("min")))}
  ${set("high", splat(arg("max")))}
  ${set("panel", arg("panel"))}
  (block $done (loop $next
    (br_if $done (i32.gt_u ${mul(add(get("n0"), i32(GEMV_PANELS)), i32(f32Gemm.nr))} ${arg("ns")}))
    (br_if $done (i32.gt_u ${add(get("n0"), i32(GEMV_PANELS))} ${get("n1")}))
    ${set("a", arg("a"))}
    ${set("p0", add(arg("w"), mul(get("n0"), get("panel"))))}
    ${times(GEMV_PANELS - 1, (i) => set(`p${i + 1}`, add(get(`p${i}`), get("panel"))))}
    ${each((i) => set(`acc${i}`, `(v128.load offset=${16 * (i & 1)} ${get(`p${i >> 1}`)})`))}
    ${times(GEMV_PANELS, (i) => advance(`p${i}`, i32(biasBytes(f32Gemm))))}
    ${taps(F32_GEMM_UNROLL, "four", "k4")}
    ${taps(1, "one", "k1")}
    ${activate(
      isa,
      Array.from({ length: 2 * GEMV_PANELS }, (_, i) => `acc${i}`),
    )}
    ${set("c", add(arg("c"), `(i32.shl ${get("n0")} ${i32(Math.log2(ROW))})`))}
    ${storeVectors(
      "c",
      Array.from({ length: 2 * GEMV_PANELS }, (_, i) => get(`acc${i}`)),
    )}
    ${advance("n0", i32(GEMV_PANELS))}
    (br $next)))
  (if (i32.lt_u ${get("n0")} ${get("n1")})
    (then (call $gemm-block ${get("s")} ${i32(0)} ${i32(1)} ${get("n0")} ${get("n1")}))))`;
}
