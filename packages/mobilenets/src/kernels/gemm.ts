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
  kernel,
  locals,
  mul,
  set,
  splat,
  sub,
  times,
  whileBelow,
} from "./wat.ts";

/** Taps per turn of the innermost loop. Unrolled, V8 11 spills its registers and runs at 60 % of the speed. */
const UNROLL: Record<Isa, number> = { relaxed: F32_GEMM_UNROLL, simd: 1 };
/** Columns of a tile, two vectors, and the bytes of their weights. */
const NR = f32Gemm.nr;
const ROW = tapBytes(f32Gemm);

const arg = argumentsOf("f32-gemm");
const acc = (row: number, half: number) => `acc${row}${half}`;

/**
 * `tiles` tiles of `rows` output pixels from pixel `$m` on, times panels `$n0` to `$n1`. The panels run inside, so the
 * tile's input stays in the first-level cache; the caller chooses ranges so that the panels stay in a cache too.
 */
function micro(isa: Isa, rows: number): string {
  const unroll = UNROLL[isa];
  const each = (code: (row: number) => string) => times(rows, code);
  const bothHalves = (code: (row: number, half: number) => string) =>
    each((row) => times(2, (half) => code(row, half)));
  const step = (k: number) => `
    (local.set $b0 (v128.load offset=${ROW * k} ${get("p")}))
    (local.set $b1 (v128.load offset=${ROW * k + 16} ${get("p")}))
    ${each(
      (row) => `
      (local.set $x (v128.load32_splat offset=${4 * k} ${get(`a${row}`)}))
      ${set(acc(row, 0), fma(isa, get("x"), get("b0"), get(acc(row, 0))))}
      ${set(acc(row, 1), fma(isa, get("x"), get("b1"), get(acc(row, 1))))}`,
    )}`;
  const taps = (count: number) => `
    ${times(count, step)}
    ${advance("p", i32(ROW * count))}
    ${each((row) => advance(`a${row}`, i32(4 * count)))}`;
  const countdown = (label: string, count: string, body: string) => `
    ${set("k", count)}
    (if ${get("k")} (then (loop $${label}
      ${body}
      (br_if $${label} (local.tee $k ${sub(get("k"), i32(1))})))))`;

  return `
(func $gemm-${rows} (param $s i32) (param $m i32) (param $tiles i32) (param $n0 i32) (param $n1 i32)
  ${locals("i32", "a", "c", "r", "x0", "n", "p", "k", "ky", "k4", "k1", "act", "rStep", "skip", "back", "width", "q", "rq")}
  ${each((row) => locals("i32", `a${row}`, `c${row}`))}
  ${locals("v128", "b0", "b1", "x", "low", "high")}
  ${bothHalves((row, half) => locals("v128", acc(row, half)))}
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
    ${set("p", add(arg("w"), mul(get("n"), arg("panel"))))}
    (loop $panel
      (local.set $b0 (v128.load ${get("p")}))
      (local.set $b1 (v128.load offset=16 ${get("p")}))
      ${each((row) => `${set(acc(row, 0), get("b0"))} ${set(acc(row, 1), get("b1"))}`)}
      ${advance("p", i32(biasBytes(f32Gemm)))}
      ${set("ky", arg("kh"))}
      (loop $window
        ${unroll > 1 ? countdown("four", get("k4"), taps(unroll)) : ""}
        ${countdown("one", unroll > 1 ? get("k1") : add(`(i32.shl ${get("k4")} ${i32(2)})`, get("k1")), taps(1))}
        (if (local.tee $ky ${sub(get("ky"), i32(1))}) (then
          ${each((row) => advance(`a${row}`, get("skip")))}
          (br $window))))
      ${each((row) => set(`a${row}`, sub(get(`a${row}`), get("back"))))}
      ${set("q", `(i32.shl ${get("n")} ${i32(Math.log2(ROW))})`)}
      ${set("k", `(i32.le_u ${mul(add(get("n"), i32(1)), i32(NR))} ${arg("ns")})`)}
      (if ${get("r")} (then
        ${set("rq", add(get("r"), get("q")))}
        ${each(
          (row) => `
          ${set(acc(row, 0), `(f32x4.add ${get(acc(row, 0))} (v128.load ${get("rq")}))`)}
          (if ${get("k")} (then
            ${set(acc(row, 1), `(f32x4.add ${get(acc(row, 1))} (v128.load offset=16 ${get("rq")}))`)}))
          ${row < rows - 1 ? advance("rq", get("rStep")) : ""}`,
        )}))
      ${set("low", splat(arg("min")))}
      ${set("high", splat(arg("max")))}
      ${activate(
        isa,
        Array.from({ length: rows * 2 }, (_, i) => acc(i >> 1, i & 1)),
      )}
      ${each((row) => `(v128.store ${add(get(`c${row}`), get("q"))} ${get(acc(row, 0))})`)}
      (if ${get("k")} (then
        ${each((row) => `(v128.store offset=16 ${add(get(`c${row}`), get("q"))} ${get(acc(row, 1))})`)}))
      (br_if $panel (i32.lt_u (local.tee $n ${add(get("n"), i32(1))}) ${get("n1")})))
    (if ${get("r")} (then ${advance("r", mul(get("rStep"), i32(rows)))}))
    (br_if $tile (local.tee $tiles ${sub(get("tiles"), i32(1))}))))`;
}

/** Panels of a matrix-vector product side by side: 8 sums in flight hide the latency of the additions. */
const GEMV_PANELS = 4;

/**
 * One pixel times panels `$n0` to `$n1`, 4 at a time: a dense layer, or squeeze-and-excite. What is left goes
 * through the one-row tile. No residual; the weights pass by once, so their speed is the memory's.
 */
function vector(isa: Isa): string {
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
    (br_if $done (i32.gt_u ${mul(add(get("n0"), i32(GEMV_PANELS)), i32(NR))} ${arg("ns")}))
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
    ${each((i) => `(v128.store offset=${16 * i} ${get("c")} ${get(`acc${i}`)})`)}
    ${advance("n0", i32(GEMV_PANELS))}
    (br $next)))
  (if (i32.lt_u ${get("n0")} ${get("n1")})
    (then (call $gemm-1 ${get("s")} ${i32(0)} ${i32(1)} ${get("n0")} ${get("n1")}))))`;
}

/** Pixels `$m` to `$m1` times panels `$n0` to `$n1`: full tiles, then what is left in one or two smaller ones. */
function rowsOfTiles(mr: number): string {
  const callMicro = (rows: number, tiles: string) =>
    `(call $gemm-${rows} ${get("s")} ${get("m")} ${tiles} ${get("n0")} ${get("n1")})`;
  const some = (rows: number) => `${callMicro(rows, i32(1))} ${advance("m", i32(rows))}`;
  const rest = (count: number) => {
    const half = Math.ceil(count / 2);
    return count <= mr ? some(count) : some(half) + some(count - half);
  };
  return `
(func $gemm-rows (param $s i32) (param $m i32) (param $m1 i32) (param $n0 i32) (param $n1 i32)
  ${locals("i32", "left", "tiles")}
  ${set("left", sub(get("m1"), get("m")))}
  ${set("tiles", `(i32.div_u ${get("left")} ${i32(mr)})`)}
  ${set("left", sub(get("left"), mul(get("tiles"), i32(mr))))}
  ;; A tile of 1 or 2 rows waits for its few sums; with a full one it makes two of middling size.
  (if (i32.and ${get("tiles")} (i32.or (i32.eq ${get("left")} ${i32(1)}) (i32.eq ${get("left")} ${i32(2)})))
    (then ${set("tiles", sub(get("tiles"), i32(1)))} ${set("left", add(get("left"), i32(mr)))}))
  (if ${get("tiles")} (then ${callMicro(mr, get("tiles"))} ${advance("m", mul(get("tiles"), i32(mr)))}))
  ${times(mr + 2, (i) => `(if (i32.eq ${get("left")} ${i32(i + 1)}) (then ${rest(i + 1)} (return)))`)})`;
}

/** Chunks are of pixels, or of panels where there are few pixels; blocks keep input and weights in cache. */
function entry(mr: number): string {
  const min = (a: string, b: string) => `(select ${a} ${b} (i32.lt_u ${a} ${b}))`;
  const part = (count: string, chunk: string, grain: number) =>
    mul(
      `(i32.div_u ${mul(`(i32.div_u ${add(count, i32(grain - 1))} ${i32(grain)})`, chunk)} ${get("chunks")})`,
      i32(grain),
    );
  const next = add(get("chunk"), i32(1));
  return kernel(
    "f32-gemm",
    `${locals("i32", "m", "m0", "m1", "n", "n0", "n1", "mEnd", "nEnd")}
    ${set("m1", arg("m"))}
    ${set("n1", arg("panels"))}
    (if ${arg("splitN")}
      (then
        ${set("n0", part(get("n1"), get("chunk"), 1))}
        ${set("n1", part(get("n1"), next, 1))})
      (else
        ${set("m0", part(get("m1"), get("chunk"), mr))}
        ${set("mEnd", part(get("m1"), next, mr))}
        ${set("m1", min(get("mEnd"), get("m1")))}))
    (if (i32.and (i32.eq ${arg("m")} ${i32(1)}) (i32.and (i32.eqz ${arg("r")}) (i32.eq ${arg("kh")} ${i32(1)})))
      (then (call $gemv ${get("s")} ${get("n0")} ${get("n1")}) (return)))
    ${set("m", get("m0"))}
    ${whileBelow(
      "m",
      get("m1"),
      `${set("mEnd", add(get("m"), arg("mBlock")))}
      ${set("mEnd", min(get("mEnd"), get("m1")))}
      ${set("n", get("n0"))}
      ${whileBelow(
        "n",
        get("n1"),
        `${set("nEnd", add(get("n"), arg("nBlock")))}
        ${set("nEnd", min(get("nEnd"), get("n1")))}
        (call $gemm-rows ${get("s")} ${get("m")} ${get("mEnd")} ${get("n")} ${get("nEnd")})
        ${set("n", get("nEnd"))}`,
      )}
      ${set("m", get("mEnd"))}`,
    )}`,
  );
}

export function gemm(isa: Isa): string {
  const mr = f32Gemm.mr[isa];
  return [...Array.from({ length: mr }, (_, i) => micro(isa, i + 1)), vector(isa), rowsOfTiles(mr), entry(mr)].join(
    "\n",
  );
}
