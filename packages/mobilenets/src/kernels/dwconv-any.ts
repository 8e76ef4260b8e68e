import { biasBytes, f32Dwconv, tapBytes } from "./geometry.ts";
import { add, code, f32x4, get, i32, mul, select, set, sub, v128, when } from "./instructions.ts";
import { activate, advance, argumentsOf, fma, type Isa, imageAndRow, kernel, share, whileBelow } from "./wat.ts";

/** Bytes of a tap of a panel's channels. */
const TAP = tapBytes(f32Dwconv);
const BIASES = biasBytes(f32Dwconv);

/** A depthwise convolution of any window and stride. It is slow, because it compares each tap's position with the edges. */
export function dwconvAny(isa: Isa): string {
  const arg = argumentsOf("f32-dwconv-any");
  const inside = (at: string, size: string) => i32.lt_u(get(at), size);
  return kernel(
    "f32-dwconv-any",
    set("panel", add(i32(BIASES), mul(mul(arg("kh"), arg("kw")), i32(TAP)))),
    set("act", arg("act")),
    set("low", f32x4.splat(arg("min"))),
    set("high", f32x4.splat(arg("max"))),
    share(mul(arg("images"), arg("outHeight"))),
    set("c", add(arg("c"), mul(get("from"), mul(arg("outWidth"), arg("cStep"))))),
    whileBelow(
      "from",
      get("to"),
      imageAndRow(arg("outHeight")),
      set("ox", i32(0)),
      whileBelow(
        "ox",
        arg("outWidth"),
        set("ch", i32(0)),
        set("p", arg("w")),
        whileBelow(
          "ch",
          arg("bytes"),
          set("acc0", v128.load(get("p"))),
          advance("p", i32(BIASES)),
          set("ky", i32(0)),
          whileBelow(
            "ky",
            arg("kh"),
            set("y", sub(add(mul(get("row"), arg("sh")), get("ky")), arg("top"))),
            set("kx", i32(0)),
            whileBelow(
              "kx",
              arg("kw"),
              set("x", sub(add(mul(get("ox"), arg("sw")), get("kx")), arg("left"))),
              when(
                i32.and(inside("y", arg("height")), inside("x", arg("width"))),
                code(
                  set(
                    "q",
                    add(
                      arg("a"),
                      add(
                        get("ch"),
                        mul(
                          add(mul(add(get("y"), mul(get("image"), arg("height"))), arg("width")), get("x")),
                          arg("aStep"),
                        ),
                      ),
                    ),
                  ),
                  set("acc0", fma(isa, v128.load(get("q")), v128.load(get("p")), get("acc0"))),
                ),
              ),
              advance("p", i32(TAP)),
              advance("kx", i32(1)),
            ),
            advance("ky", i32(1)),
          ),
          // From the end of one panel's half to the beginning of the next.
          advance("p", select(i32(-16), sub(i32(16), get("panel")), i32.and(get("ch"), i32(16)))),
          activate(isa, ["acc0"]),
          v128.store(add(get("c"), get("ch")), get("acc0")),
          advance("ch", i32(16)),
        ),
        advance("c", arg("cStep")),
        advance("ox", i32(1)),
      ),
      advance("from", i32(1)),
    ),
  );
}
