import { hasWideTiles } from "../geometry.ts";
import {
  add,
  br_if,
  call,
  code,
  get,
  i32,
  leave,
  loop,
  memory,
  mul,
  set,
  sub,
  tee,
  times,
  v128,
  when,
} from "../instructions.ts";
import { wideTwin } from "../signatures.ts";
import {
  advance,
  argumentsOf,
  countdown,
  fma,
  type Isa,
  imageAndRow,
  kernel,
  share,
  storeVectors,
  whileBelow,
} from "../wat.ts";

/**
 * Gradient of a depthwise convolution's input for strides other than 1: each pixel gathers from the outputs whose windows
 * cover it. It takes all channels of a tap at a time. The sums stay in the L1 cache.
 */
function inputGrad(isa: Isa): string {
  const arg = argumentsOf("f32-dwconv-input-grad");
  /** Runs `body` for the taps that reach `position`; `$o` is their output. */
  const eachTap = (
    tap: string,
    o: string,
    position: string,
    stride: string,
    pad: string,
    taps: string,
    size: string,
    body: string,
  ) =>
    code(
      set(tap, i32(0)),
      whileBelow(
        tap,
        taps,
        set(o, sub(add(position, pad), get(tap))),
        when(
          i32.ge_s(get(o), i32(0)),
          when(
            i32.eqz(i32.rem_u(get(o), stride)),
            code(set(o, i32.div_u(get(o), stride)), when(i32.lt_u(get(o), size), body)),
          ),
        ),
        advance(tap, i32(1)),
      ),
    );
  return kernel(
    "f32-dwconv-input-grad",
    set("bytes", arg("bytes")),
    share(mul(arg("images"), arg("height"))),
    whileBelow(
      "from",
      get("to"),
      imageAndRow(arg("height")),
      set("x", i32(0)),
      set("q", add(arg("c"), add(mul(get("image"), arg("cImage")), mul(get("row"), arg("cPitch"))))),
      whileBelow(
        "x",
        arg("width"),
        memory.fill(get("q"), i32(0), get("bytes")),
        eachTap(
          "ky",
          "oy",
          get("row"),
          arg("sh"),
          arg("top"),
          arg("kh"),
          arg("outHeight"),
          eachTap(
            "kx",
            "ox",
            get("x"),
            arg("sw"),
            arg("left"),
            arg("kw"),
            arg("outWidth"),
            code(
              set(
                "p",
                add(
                  arg("a"),
                  add(
                    mul(get("image"), arg("aImage")),
                    add(mul(get("oy"), arg("aPitch")), mul(get("ox"), arg("aStep"))),
                  ),
                ),
              ),
              set("w", add(arg("w"), mul(add(mul(get("ky"), arg("kw")), get("kx")), arg("wStep")))),
              set("i", i32(0)),
              loop(
                "channels",
                v128.store(
                  add(get("q"), get("i")),
                  fma(
                    isa,
                    v128.load(add(get("p"), get("i"))),
                    v128.load(add(get("w"), get("i"))),
                    v128.load(add(get("q"), get("i"))),
                  ),
                ),
                br_if("channels", i32.lt_u(tee("i", add(get("i"), i32(16))), get("bytes"))),
              ),
            ),
          ),
        ),
        advance("q", arg("cStep")),
        advance("x", i32(1)),
      ),
      advance("from", i32(1)),
    ),
  );
}

type KernelGrad = `f32-dwconv-kernel-grad-${"1x1" | "3x3" | "5x5"}`;

/**
 * Gradient of a depthwise convolution's weights: a sum per tap and channel over all outputs. It takes one or two vectors
 * of channels and `rows` rows of the window at a time, with a register per tap. The outer loop takes blocks of output rows,
 * which stay in cache for all channels. Each part of the rows has its own sums, so that no result depends on the threads.
 */
function kernelGrad(isa: Isa, narrow: KernelGrad, k: number, rows: number, vectors: 1 | 2): string {
  const arg = argumentsOf(narrow);
  const both = (statement: (j: number) => string) => times(vectors, statement);
  const taps = rows * k;
  const sum = (tap: number, j: number) => `t${tap}${j === 0 ? "" : "u"}`;
  const load = (at: string, j: number) => v128.load(at, 16 * j);
  const window = (ky0: number) =>
    code(
      set("o", add(add(get("c"), get("ch")), mul(arg("cStep"), i32(ky0 * k)))),
      times(taps, (t) =>
        code(
          both((j) => set(sum(t, j), load(get("o"), j))),
          t < taps - 1 ? advance("o", arg("cStep")) : "",
        ),
      ),
      set("from", get("low")),
      loop(
        `rows-${ky0}`,
        imageAndRow(arg("height")),
        set("q", add(add(arg("b"), get("ch")), add(mul(get("image"), arg("bImage")), mul(get("row"), arg("bPitch"))))),
        set(
          "p0",
          add(
            add(arg("a"), get("ch")),
            add(mul(get("image"), arg("aImage")), mul(add(mul(get("row"), arg("stride")), i32(ky0)), arg("aPitch"))),
          ),
        ),
        times(rows - 1, (r) => set(`p${r + 1}`, add(get(`p${r}`), arg("aPitch")))),
        set("x", arg("width")),
        countdown(
          `pixels-${ky0}`,
          "x",
          1,
          both((j) => set(`dy${j}`, load(get("q"), j))),
          times(rows, (ky) =>
            times(k, (kx) => {
              const column = kx === 0 ? get(`p${ky}`) : add(get(`p${ky}`), get(`x${kx}`));
              return both((j) =>
                set(sum(ky * k + kx, j), fma(isa, get(`dy${j}`), load(column, j), get(sum(ky * k + kx, j)))),
              );
            }),
          ),
          advance("q", get("bStep")),
          times(rows, (ky) => advance(`p${ky}`, get("skip"))),
        ),
        br_if(`rows-${ky0}`, i32.lt_u(tee("from", add(get("from"), i32(1))), get("high"))),
      ),
      set("o", add(add(get("c"), get("ch")), mul(arg("cStep"), i32(ky0 * k)))),
      times(taps, (t) =>
        code(
          storeVectors("o", [sum(t, 0), sum(t, 1)].slice(0, vectors).map(get)),
          t < taps - 1 ? advance("o", arg("cStep")) : "",
        ),
      ),
    );
  return kernel(
    vectors === 2 ? (wideTwin(narrow) as `${KernelGrad}-wide`) : narrow,

    vectors === 2
      ? when(i32.and(arg("bytes"), i32(16)), code(call(narrow, get("s"), get("chunk"), get("chunks")), leave()))
      : "",
    set("bStep", arg("bStep")),
    set("x1", arg("aStep")),
    times(Math.max(0, k - 2), (j) => set(`x${j + 2}`, mul(get("x1"), i32(j + 2)))),
    set("skip", mul(get("x1"), arg("stride"))),
    share(arg("parts")),
    set("part", get("from")),
    set("end", get("to")),
    whileBelow(
      "part",
      get("end"),
      set("c", add(arg("c"), mul(get("part"), arg("cPart")))),
      memory.fill(get("c"), i32(0), arg("cPart")),
      set("low", i32.div_u(mul(get("part"), mul(arg("images"), arg("height"))), arg("parts"))),
      set("last", i32.div_u(mul(add(get("part"), i32(1)), mul(arg("images"), arg("height"))), arg("parts"))),
      whileBelow(
        "low",
        get("last"),
        set("high", add(get("low"), arg("block"))),
        when(i32.gt_u(get("high"), get("last")), set("high", get("last"))),
        set("ch", i32(0)),
        whileBelow(
          "ch",
          arg("bytes"),
          times(k / rows, (i) => window(i * rows)),
          advance("ch", i32(16 * vectors)),
        ),
        set("low", get("high")),
      ),
      advance("part", i32(1)),
    ),
  );
}

const kernelGrads: readonly (readonly [KernelGrad, k: number, rows: number])[] = [
  ["f32-dwconv-kernel-grad-1x1", 1, 1],
  ["f32-dwconv-kernel-grad-3x3", 3, 3],
  ["f32-dwconv-kernel-grad-5x5", 5, 1],
];

export const depthwiseGrads = (isa: Isa) =>
  [
    inputGrad(isa),
    ...kernelGrads.flatMap((window) => [
      kernelGrad(isa, ...window, 1),
      ...(hasWideTiles(isa) ? [kernelGrad(isa, ...window, 2)] : []),
    ]),
  ].join("\n");
