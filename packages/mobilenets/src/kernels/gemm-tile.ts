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

/** Taps per turn of the innermost loop. Unrolled, V8 11 spills its registers and runs at 60 % of the speed. */
const UNROLL: Record<Isa, number> = { relaxed: F32_GEMM_UNROLL, simd: 1 };
/** Bytes of a panel's weights of one tap, two vectors. */
const ROW = tapBytes(f32Gemm);

/** Vectors of columns in a tile: half a panel, a panel, or two panels side by side. */
export type TileVectors = 1 | 2 | 4;

export const tileName = (rows: number, vectors: TileVectors) => `$gemm-${rows}x${4 * vectors}`;

const arg = argumentsOf("f32-gemm");

/**
 * `tiles` tiles of `rows` output pixels from pixel `$m` on, times panels `$n0` to `$n1`. The panels run inside, so the
 * tile's input stays in the first-level cache; the caller chooses ranges so that the panels stay in a cache too.
 *
 * A tile of whole panels treats the two halves of a panel alike, in one block from the bias to the store: V8 makes one
 * operation of 256 bits of two such halves, and gives up where they differ. A last panel of four columns is a tile of its own.
 */
export function gemmTile(isa: Isa, rows: number, vectors: TileVectors): string {
  const unroll = UNROLL[isa];
  const pointers = vectors > 2 ? ["p", "p2"] : ["p"];
  const acc = (row: number, j: number) => `acc${row}${j}`;
  const each = (code: (row: number) => string) => times(rows, code);
  const all = (code: (row: number, j: number) => string) => each((row) => times(vectors, (j) => code(row, j)));
  const weights = (k: number) =>
    times(vectors, (j) => set(`b${j}`, `(v128.load offset=${ROW * k + 16 * (j & 1)} ${get(pointers[j >> 1])})`));
  const step = (k: number) => `
    ${weights(k)}
    ${each(
      (row) => `
      (local.set $x (v128.load32_splat offset=${4 * k} ${get(`a${row}`)}))
      ${times(vectors, (j) => set(acc(row, j), fma(isa, get("x"), get(`b${j}`), get(acc(row, j)))))}`,
    )}`;
  const taps = (count: number) => `
    ${times(count, step)}
    ${pointers.map((p) => advance(p, i32(ROW * count))).join("\n")}
    ${each((row) => advance(`a${row}`, i32(4 * count)))}`;
  const countdown = (label: string, count: string, body: string) => `
    ${set("k", count)}
    (if ${get("k")} (then (loop $${label}
      ${body}
      (br_if $${label} (local.tee $k ${sub(get("k"), i32(1))})))))`;

  return `
(func ${tileName(rows, vectors)} (param $s i32) (param $m i32) (param $tiles i32) (param $n0 i32) (param $n1 i32)
  ${locals("i32", "a", "c", "r", "x0", "n", "k", "ky", "k4", "k1", "act", "rStep", "skip", "back", "width", "q", "o")}
  ${locals("i32", ...pointers)}
  ${each((row) => locals("i32", `a${row}`, `c${row}`))}
  ${times(vectors, (j) => locals("v128", `b${j}`))} ${locals("v128", "x", "low", "high")}
  ${all((row, j) => locals("v128", acc(row, j)))}
  ${set("width", arg("width"))}
  ${set("k", `(i32.div_u ${get("m")} ${get("width")})`)}
  ${set("x0", `(i32.rem_u ${get("m")} ${get("width")})`)}
  ${set("a", add(arg("a"), add(mul(get("m"), arg("aStep")), mul(get("k"), arg("aSkip")))))}
  ${set("c", add(arg("c"), add(mul(get("m"), arg("cStep")), mul(get("k"), arg("cSkip")))))}
  ${set("rStep", arg("rStep"))}
  ${set("r", arg("r"))}
  (if ${get("r")} (then ${advance("r", mul(get("m"), get("rStep")))}))
  ${set("k4", arg("k4"))}
  ${set("k1", arg("k1"))}
  ${set("act", arg("act"))}
  ${set("skip", sub(arg("aPitch"), add(`(i32.shl ${get("k4")} ${i32(4)})`, `(i32.shl ${get("k1")} ${i32(2)})`)))}
  ${set("back", sub(mul(arg("kh"), arg("aPitch")), get("skip")))}
  (loop $tile
    ${each(
      (row) => `
      ${set(`a${row}`, get("a"))}
      ${set(`c${row}`, get("c"))}
      ${advance("a", arg("aStep"))}
      ${advance("c", arg("cStep"))}
      (if (i32.eq (local.tee $x0 ${add(get("x0"), i32(1))}) ${get("width")}) (then
        ${set("x0", i32(0))}
        ${advance("a", arg("aSkip"))}
        ${advance("c", arg("cSkip"))}))`,
    )}
    ${set("n", get("n0"))}
    ${set(pointers[0], add(arg("w"), mul(get("n"), arg("panel"))))}
    (loop $panel
      ${pointers.length > 1 ? set("p2", add(get("p"), arg("panel"))) : ""}
      ${weights(0)}
      ${all((row, j) => set(acc(row, j), get(`b${j}`)))}
      ${pointers.map((p) => advance(p, i32(biasBytes(f32Gemm)))).join("\n")}
      ${set("ky", arg("kh"))}
      (loop $window
        ${unroll > 1 ? countdown("four", get("k4"), taps(unroll)) : ""}
        ${countdown("one", unroll > 1 ? get("k1") : add(`(i32.shl ${get("k4")} ${i32(2)})`, get("k1")), taps(1))}
        (if (local.tee $ky ${sub(get("ky"), i32(1))}) (then
          ${each((row) => advance(`a${row}`, get("skip")))}
          (br $window))))
      ${each((row) => set(`a${row}`, sub(get(`a${row}`), get("back"))))}
      ${set("q", `(i32.shl ${get("n")} ${i32(Math.log2(ROW))})`)}
      (if ${get("r")} (then
        ${set("o", add(get("r"), get("q")))}
        ${each(
          (row) => `
          ${times(vectors, (j) => set(acc(row, j), `(f32x4.add ${get(acc(row, j))} (v128.load offset=${16 * j} ${get("o")}))`))}
          ${row < rows - 1 ? advance("o", get("rStep")) : ""}`,
        )}))
      ${set("low", splat(arg("min")))}
      ${set("high", splat(arg("max")))}
      ${activate(
        isa,
        Array.from({ length: rows * vectors }, (_, i) => acc(Math.floor(i / vectors), i % vectors)),
      )}
      ${each(
        (row) => `
        ${set("o", add(get(`c${row}`), get("q")))}
        ${storeVectors(
          "o",
          Array.from({ length: vectors }, (_, j) => get(acc(row, j))),
        )}`,
      )}
      ${pointers.length > 1 ? set("p", get("p2")) : ""}
      (br_if $panel (i32.lt_u (local.tee $n ${add(get("n"), i32(Math.max(1, vectors / 2)))}) ${get("n1")})))
    (if ${get("r")} (then ${advance("r", mul(get("rStep"), i32(rows)))}))
    (br_if $tile (local.tee $tiles ${sub(get("tiles"), i32(1))}))))`;
}
