import { add, code, f32, get, i32, memory, mul, set, sub, when } from "./instructions.ts";
import {
  advance,
  argumentsOf,
  eachVector,
  imageAndRow,
  kernel,
  share,
  storeVectors,
  vectorOf,
  whileBelow,
} from "./wat.ts";

/** Moves maps between layouts: into a padded frame, out of padded channels, or with every channel repeated. */
function copy(): string {
  const arg = argumentsOf("f32-copy");
  return kernel(
    "f32-copy",
    share(mul(arg("images"), arg("height"))),
    whileBelow(
      "from",
      get("to"),
      imageAndRow(arg("height")),
      set("a", add(arg("a"), add(mul(get("image"), arg("aImage")), mul(get("row"), arg("aPitch"))))),
      set("c", add(arg("c"), add(mul(get("image"), arg("cImage")), mul(get("row"), arg("cPitch"))))),
      set("x", i32(0)),
      whileBelow(
        "x",
        arg("width"),
        set("p", add(get("a"), mul(get("x"), arg("aStep")))),
        set("q", add(get("c"), mul(get("x"), arg("cStep")))),
        set("i", i32(0)),
        when(
          i32.or(i32.and(arg("channels"), i32(3)), i32.ne(arg("repeat"), i32(1))),
          whileBelow(
            "i",
            arg("channels"),
            set("j", i32(0)),
            whileBelow(
              "j",
              arg("repeat"),
              f32.store(get("q"), f32.load(get("p"))),
              advance("q", i32(4)),
              advance("j", i32(1)),
            ),
            advance("p", i32(4)),
            advance("i", i32(1)),
          ),
          eachVector(i32.shl(arg("channels"), i32(2)), ["p", "q"], (vectors) =>
            storeVectors(
              "at-q",
              Array.from({ length: vectors }, (_, j) => vectorOf("p", j)),
            ),
          ),
        ),
        advance("x", i32(1)),
      ),
      advance("from", i32(1)),
    ),
  );
}

function frame(): string {
  const arg = argumentsOf("x8-frame");
  const fill = (start: string, bytes: string) => memory.fill(start, arg("fill"), bytes);
  return kernel(
    "x8-frame",
    share(mul(arg("images"), arg("height"))),
    whileBelow(
      "from",
      get("to"),
      imageAndRow(arg("height")),
      set("p", add(arg("c"), mul(get("from"), arg("pitch")))),
      when(
        i32.or(i32.lt_u(get("row"), arg("top")), i32.ge_u(get("row"), sub(arg("height"), arg("bottom")))),
        fill(get("p"), arg("pitch")),
        code(fill(get("p"), arg("left")), fill(sub(add(get("p"), arg("pitch")), arg("right")), arg("right"))),
      ),
      advance("from", i32(1)),
    ),
  );
}

export const copies = () => [copy(), frame()].join("\n");
