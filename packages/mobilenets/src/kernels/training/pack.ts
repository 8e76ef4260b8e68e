import { biasBytes, elementOf, f32Dwconv, f32Gemm, tapBytes } from "../geometry.ts";
import { add, code, f32, get, i32, i32x4, mul, set, sub, times, v128, when } from "../instructions.ts";
import { copyRows } from "../pack.ts";
import { advance, argumentsOf, countdown, kernel, share, whileBelow } from "../wat.ts";

const PANEL = f32Gemm.nr;
const ROW = tapBytes(f32Gemm);
const WEIGHT = elementOf(f32Gemm);
const zero = i32x4(0);

const arg = argumentsOf("f32-pack-gemm");

/** Rows of the kernel already have the panel's order: two vectors per row. */
const alongRows = () =>
  code(set("p", add(arg("a"), i32.shl(get("n"), i32(2)))), set("k", arg("k")), copyRows(arg("kStep")));

/** The kernel is transposed: each column of the panel is a row of the kernel; columns past the last are zeros. */
const acrossRows = () =>
  times(PANEL, (i) =>
    code(
      set("k", arg("k")),
      set("q", add(get("c"), i32(WEIGHT * i))),
      when(
        i32.lt_u(add(get("n"), i32(i)), arg("n")),
        code(
          set("p", add(arg("a"), mul(add(get("n"), i32(i)), arg("nStep")))),
          countdown(
            `copy${i}`,
            "k",
            1,
            f32.store(get("q"), f32.load(get("p"))),
            advance("p", i32(WEIGHT)),
            advance("q", i32(ROW)),
          ),
        ),
        countdown(`clear${i}`, "k", 1, f32.store(get("q"), f32(0)), advance("q", i32(ROW))),
      ),
    ),
  );

/** Packs weights that change at each step into the panels of `f32-gemm`. Threads share the panels. */
const packGemm = () =>
  kernel(
    "f32-pack-gemm",
    share(arg("panels")),
    whileBelow(
      "from",
      get("to"),
      set("n", mul(get("from"), i32(PANEL))),
      set("c", add(arg("c"), mul(get("from"), arg("panel")))),
      when(
        arg("bias"),
        code(
          set("p", add(arg("bias"), i32.shl(get("n"), i32(2)))),
          v128.store(get("c"), v128.load(get("p"))),
          v128.store(get("c"), v128.load(get("p"), 16), 16),
        ),
        code(v128.store(get("c"), zero), v128.store(get("c"), zero, 16)),
      ),
      advance("c", i32(biasBytes(f32Gemm))),
      set("q", get("c")),
      when(i32.eq(arg("nStep"), i32(WEIGHT)), alongRows(), acrossRows()),
      advance("from", i32(1)),
    ),
  );

/** Packs depthwise weights into panels, tap by tap, half a panel at a time; `flip` reverses the window, for gradients. */
function packDepthwise(): string {
  const field = argumentsOf("f32-pack-dwconv");
  return kernel(
    "f32-pack-dwconv",
    share(field("groups")),
    set("step", field("aStep")),
    when(field("flip"), set("step", sub(i32(0), get("step")))),
    whileBelow(
      "from",
      get("to"),
      set("p", i32.shl(get("from"), i32(4))),
      set(
        "q",
        add(field("c"), add(mul(i32.and(get("p"), i32(-32)), add(field("taps"), i32(1))), i32.and(get("p"), i32(16)))),
      ),
      when(field("bias"), v128.store(get("q"), v128.load(add(field("bias"), get("p")))), v128.store(get("q"), zero)),
      set("p", add(field("a"), get("p"))),
      when(field("flip"), advance("p", mul(sub(field("taps"), i32(1)), field("aStep")))),
      set("t", field("taps")),
      countdown(
        "taps",
        "t",
        1,
        advance("q", i32(tapBytes(f32Dwconv))),
        v128.store(get("q"), v128.load(get("p"))),
        advance("p", get("step")),
      ),
      advance("from", i32(1)),
    ),
  );
}

export const packing = () => [packGemm(), packDepthwise()].join("\n");
