import { f32GemmTransposed } from "../geometry.ts";
import {
  add,
  advance,
  argumentsOf,
  fma,
  get,
  type Isa,
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

const NR = f32GemmTransposed.nr;
const zero = "(v128.const i32x4 0 0 0 0)";

const arg = argumentsOf("f32-gemm-tn");
const acc = (row: number, half: number) => `acc${row}${half}`;

/**
 * `rows` rows of the product, all columns, over one run of pixels. Each pixel is an outer product: `rows` of its values
 * in a, splat, times 8 of b. Both operands lie as the forward pass left them; nothing is packed.
 */
function micro(isa: Isa, rows: number): string {
  const each = (code: (row: number) => string) => times(rows, code);
  const bothHalves = (code: (row: number, half: number) => string) =>
    each((row) => times(2, (half) => code(row, half)));
  return `
(func $gemm-tn-${rows} (param $s i32) (param $a i32) (param $b i32) (param $c i32) (param $first i32)
  ${locals("i32", "n", "ns", "p", "q", "k", "aStep", "bStep", "cStep", "whole", "o")}
  ${locals("v128", "b0", "b1", "x")}
  ${bothHalves((row, half) => locals("v128", acc(row, half)))}
  ${set("ns", arg("ns"))}
  ${set("aStep", arg("aStep"))}
  ${set("bStep", arg("bStep"))}
  ${set("cStep", arg("cStep"))}
  (loop $columns
    ${set("whole", `(i32.le_u ${add(get("n"), i32(NR))} ${get("ns")})`)}
    ${bothHalves((row, half) => set(acc(row, half), zero))}
    ${set("p", get("a"))}
    ${set("q", add(get("b"), `(i32.shl ${get("n")} ${i32(2)})`))}
    ${set("k", arg("pixels"))}
    (loop $pixels
      (local.set $b0 (v128.load ${get("q")}))
      (local.set $b1 (v128.load offset=16 ${get("q")}))
      ${each(
        (row) => `
        (local.set $x (v128.load32_splat offset=${4 * row} ${get("p")}))
        ${set(acc(row, 0), fma(isa, get("x"), get("b0"), get(acc(row, 0))))}
        ${set(acc(row, 1), fma(isa, get("x"), get("b1"), get(acc(row, 1))))}`,
      )}
      ${advance("p", get("aStep"))}
      ${advance("q", get("bStep"))}
      (br_if $pixels (local.tee $k ${sub(get("k"), i32(1))})))
    ${set("o", add(get("c"), `(i32.shl ${get("n")} ${i32(2)})`))}
    ${each(
      (row) => `
      (if (i32.eqz ${get("first")}) (then
        ${set(acc(row, 0), `(f32x4.add ${get(acc(row, 0))} (v128.load ${get("o")}))`)}))
      (v128.store ${get("o")} ${get(acc(row, 0))})
      (if ${get("whole")} (then
        (if (i32.eqz ${get("first")}) (then
          ${set(acc(row, 1), `(f32x4.add ${get(acc(row, 1))} (v128.load offset=16 ${get("o")}))`)}))
        (v128.store offset=16 ${get("o")} ${get(acc(row, 1))})))
      ${row < rows - 1 ? advance("o", get("cStep")) : ""}`,
    )}
    (br_if $columns (i32.lt_u (local.tee $n ${add(get("n"), i32(NR))}) ${get("ns")}))))`;
}

/** Rows `$m` to `$m1` over `$runs` runs of pixels; the first run writes, the others add. */
const block = (mr: number) => `
(func $gemm-tn-block (param $s i32) (param $a i32) (param $b i32) (param $c i32) (param $runs i32) (param $m0 i32) (param $m1 i32)
  ${locals("i32", "m", "first", "left", "pa", "pc")}
  ${set("first", i32(1))}
  (loop $run
    ${set("m", get("m0"))}
    ${whileBelow(
      "m",
      get("m1"),
      `${set("pa", add(get("a"), `(i32.shl ${get("m")} ${i32(2)})`))}
      ${set("pc", add(get("c"), mul(get("m"), arg("cStep"))))}
      ${set("left", sub(get("m1"), get("m")))}
      ${times(mr - 1, (i) => `(if (i32.eq ${get("left")} ${i32(i + 1)}) (then (call $gemm-tn-${i + 1} ${get("s")} ${get("pa")} ${get("b")} ${get("pc")} ${get("first")})))`)}
      (if (i32.ge_u ${get("left")} ${i32(mr)}) (then (call $gemm-tn-${mr} ${get("s")} ${get("pa")} ${get("b")} ${get("pc")} ${get("first")})))
      ${advance("m", i32(mr))}`,
    )}
    ${set("first", i32(0))}
    ${advance("a", arg("aRun"))}
    ${advance("b", arg("bRun"))}
    (br_if $run (local.tee $runs ${sub(get("runs"), i32(1))}))))`;

/** Threads share parts of the pixels, each with a product of its own, or with one part the rows of the product. */
const entry = (mr: number) =>
  kernel(
    "f32-gemm-tn",
    `${locals("i32", "from", "to", "total", "m1")}
    (if (i32.eq ${arg("parts")} ${i32(1)})
      (then
        ${share(`(i32.div_u ${add(arg("m"), i32(mr - 1))} ${i32(mr)})`)}
        ${set("m1", mul(get("to"), i32(mr)))}
        (if (i32.gt_u ${get("m1")} ${arg("m")}) (then ${set("m1", arg("m"))}))
        (if (i32.lt_u ${get("from")} ${get("to")}) (then
          (call $gemm-tn-block ${get("s")} ${arg("a")} ${arg("b")} ${arg("c")} ${arg("runs")} ${mul(get("from"), i32(mr))} ${get("m1")}))))
      (else
        ${share(arg("parts"))}
        ${whileBelow(
          "from",
          get("to"),
          `(call $gemm-tn-block
            ${get("s")}
            ${add(arg("a"), mul(get("from"), arg("aPart")))}
            ${add(arg("b"), mul(get("from"), arg("bPart")))}
            ${add(arg("c"), mul(get("from"), arg("cPart")))}
            ${arg("runs")}
            ${i32(0)}
            ${arg("m")})
          ${advance("from", i32(1))}`,
        )}))`,
  );

/** Product of a transposed map with another: gradients of weights. */
export function gemmTransposed(isa: Isa): string {
  const mr = f32GemmTransposed.mr[isa];
  return [...Array.from({ length: mr }, (_, i) => micro(isa, i + 1)), block(mr), entry(mr)].join("\n");
}
