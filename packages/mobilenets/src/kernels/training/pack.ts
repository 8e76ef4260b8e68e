import { biasBytes, elementOf, f32Dwconv, f32Gemm, tapBytes } from "../geometry.ts";
import { copyRows } from "../pack.ts";
import {
  add,
  advance,
  argumentsOf,
  get,
  i32,
  kernel,
  locals,
  mul,
  set,
  share,
  sub,
  times,
  whileBelow,
} from "../wat.ts";

const PANEL = f32Gemm.nr;
const ROW = tapBytes(f32Gemm);
const WEIGHT = elementOf(f32Gemm);
const zero = "(v128.const i32x4 0 0 0 0)";

const arg = argumentsOf("f32-pack-gemm");

/** Rows of the kernel lie as the panel wants them: two vectors a row. */
const alongRows = () => `
  ${set("p", add(arg("a"), `(i32.shl ${get("n")} ${i32(2)})`))}
  ${set("k", arg("k"))}
  ${copyRows(arg("kStep"))}`;

/** The kernel is transposed: each column of the panel is a row of it; columns past the last are zeros. */
const acrossRows = () =>
  times(
    PANEL,
    (i) => `
  ${set("k", arg("k"))}
  ${set("q", add(get("c"), i32(WEIGHT * i)))}
  (if (i32.lt_u ${add(get("n"), i32(i))} ${arg("n")})
    (then
      ${set("p", add(arg("a"), mul(add(get("n"), i32(i)), arg("nStep"))))}
      (loop $copy${i}
        (f32.store ${get("q")} (f32.load ${get("p")}))
        ${advance("p", i32(WEIGHT))}
        ${advance("q", i32(ROW))}
        (br_if $copy${i} (local.tee $k ${sub(get("k"), i32(1))}))))
    (else
      (loop $clear${i}
        (f32.store ${get("q")} (f32.const 0))
        ${advance("q", i32(ROW))}
        (br_if $clear${i} (local.tee $k ${sub(get("k"), i32(1))})))))`,
  );

/** Weights that change from step to step, into the panels `f32-gemm` reads. Threads share the panels. */
const packGemm = () =>
  kernel(
    "f32-pack-gemm",
    `${locals("i32", "from", "to", "total", "n", "k", "p", "q", "c")}
  ${share(arg("panels"))}
  ${whileBelow(
    "from",
    get("to"),
    `${set("n", mul(get("from"), i32(PANEL)))}
    ${set("c", add(arg("c"), mul(get("from"), arg("panel"))))}
    (if ${arg("bias")}
      (then
        ${set("p", add(arg("bias"), `(i32.shl ${get("n")} ${i32(2)})`))}
        (v128.store ${get("c")} (v128.load ${get("p")}))
        (v128.store offset=16 ${get("c")} (v128.load offset=16 ${get("p")})))
      (else
        (v128.store ${get("c")} ${zero})
        (v128.store offset=16 ${get("c")} ${zero})))
    ${advance("c", i32(biasBytes(f32Gemm)))}
    ${set("q", get("c"))}
    (if (i32.eq ${arg("nStep")} ${i32(WEIGHT)}) (then ${alongRows()}) (else ${acrossRows()}))
    ${advance("from", i32(1))}`,
  )}`,
  );

/** Depthwise weights, tap by tap, into panels, half a panel at a time; `flip` turns the window around, for gradients. */
function packDepthwise(): string {
  const field = argumentsOf("f32-pack-dwconv");
  return kernel(
    "f32-pack-dwconv",
    `${locals("i32", "from", "to", "total", "t", "p", "q", "step")}
    ${share(field("groups"))}
    ${set("step", field("aStep"))}
    (if ${field("flip")} (then ${set("step", sub(i32(0), get("step")))}))
    ${whileBelow(
      "from",
      get("to"),
      `${set("p", `(i32.shl ${get("from")} ${i32(4)})`)}
      ${set("q", add(field("c"), add(mul(`(i32.and ${get("p")} ${i32(-32)})`, add(field("taps"), i32(1))), `(i32.and ${get("p")} ${i32(16)})`)))}
      (if ${field("bias")}
        (then (v128.store ${get("q")} (v128.load ${add(field("bias"), get("p"))})))
        (else (v128.store ${get("q")} ${zero})))
      ${set("p", add(field("a"), get("p")))}
      (if ${field("flip")} (then ${advance("p", mul(sub(field("taps"), i32(1)), field("aStep")))}))
      ${set("t", field("taps"))}
      (loop $taps
        ${advance("q", i32(tapBytes(f32Dwconv)))}
        (v128.store ${get("q")} (v128.load ${get("p")}))
        ${advance("p", get("step"))}
        (br_if $taps (local.tee $t ${sub(get("t"), i32(1))})))
      ${advance("from", i32(1))}`,
    )}`,
  );
}

export const packing = () => [packGemm(), packDepthwise()].join("\n");
