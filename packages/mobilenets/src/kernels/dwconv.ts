import { biasBytes, f32Dwconv, hasWideTiles, panelBytes, tapBytes } from "./geometry.ts";
import { wideTwin } from "./signatures.ts";
import {
  activate,
  add,
  advance,
  argumentsOf,
  fence,
  fma,
  get,
  type Isa,
  i32,
  imageAndRow,
  kernel,
  locals,
  mul,
  set,
  share,
  splat,
  storeVectors,
  sub,
  times,
  whileBelow,
} from "./wat.ts";

/** Output pixels of the tiles along a row, the largest first; each loaded input serves all of its taps. */
const tilesOf = (isa: Isa): readonly number[] => [...new Set([f32Dwconv.mr[isa], 4, 2, 1])];
/** Bytes of a tap of a panel's channels. */
const TAP = tapBytes(f32Dwconv);
const BIASES = biasBytes(f32Dwconv);

type Name = `f32-dwconv-${"3x3" | "5x5"}s${1 | 2}`;

/** Vectors of channels that a tile takes at a time: half a panel, or a panel. */
type Vectors = 1 | 2;

/**
 * One tile: `width` neighbouring outputs times all channels, half a panel or a whole one at a time. Input row pointers are
 * in `$r0`, `$r1`, ..., already at the tile's first column.
 */
function tile(isa: Isa, k: number, stride: number, width: number, vectors: Vectors): string {
  const columns = (width - 1) * stride + k;
  const sum = (t: number, j: number) => `acc${t}${j}`;
  const both = (code: (j: number) => string) => times(vectors, code);
  const load = (from: string, offset: number) => `(v128.load offset=${offset} ${from})`;
  const sums = Array.from({ length: width }, (_, t) => Array.from({ length: vectors }, (_, j) => sum(t, j)));
  // Stepping from column to column costs one register, distances to all of them one each; but V8 11 makes slower code of it.
  const toColumn = (j: number) => (isa === "relaxed" && j > 0 ? advance("q", get("aStep")) : "");
  const column = (j: number) => (isa === "relaxed" || j === 0 ? get("q") : add(get("q"), get(`x${j}`)));
  const row = `
    ${times(columns, (x) => {
      const users = Array.from({ length: width }, (_, t) => ({ t, kx: x - t * stride })).filter(
        ({ kx }) => kx >= 0 && kx < k,
      );
      return `
      ${toColumn(x)}
      ${both((j) => set(`x-${j}`, load(column(x), 16 * j)))}
      ${users.map(({ t, kx }) => both((j) => set(sum(t, j), fma(isa, get(`x-${j}`), get(`w${kx}${j}`), get(sum(t, j)))))).join("\n")}`;
    })}`;
  const taps = (ky: number) =>
    times(k, (kx) => both((j) => set(`w${kx}${j}`, load(get("p"), BIASES + TAP * (ky * k + kx) + 16 * j))));
  const unrolled = `(block $window ${times(
    k,
    (ky) => `
        ${ky > 0 ? fence(isa, "window", "ch", ky) : ""}
        ${taps(ky)}
        ${set("q", add(get(`r${ky}`), get("ch")))}
        ${row}`,
  )})`;
  // A turn of the loop is long enough to cost next to nothing, and the module a third of its size.
  const looped = `
      ${set("r", add(get("r0"), get("ch")))}
      ${set("ky", i32(k))}
      (loop $rows-${width}
        ${taps(0)}
        ${set("q", get("r"))}
        ${row}
        ${advance("r", get("aPitch"))}
        ${advance("p", i32(TAP * k))}
        (br_if $rows-${width} (local.tee $ky ${sub(get("ky"), i32(1))})))
      ${advance("p", i32(-TAP * k * k))}`;
  return `
    ${set("ch", i32(0))}
    ${set("p", get("w"))}
    ${vectors === 1 ? set("next", i32(16)) : ""}
    (loop $channels-${width}
      ${both((j) => set(sum(0, j), load(get("p"), 16 * j)))}
      ${times(width - 1, (t) => both((j) => set(sum(t + 1, j), get(sum(0, j)))))}
      ${loops(isa) ? looped : unrolled}
      ${activate(isa, sums.flat())}
      ${set("q", add(get("c"), get("ch")))}
      ${sums.map((own, t) => `${t > 0 ? advance("q", get("cStep")) : ""} ${storeVectors("q", own.map(get))}`).join("\n")}
      ${toNextGroup(vectors, panelBytes(f32Dwconv, [k, k, 1]))}
      (br_if $channels-${width} (i32.lt_u (local.tee $ch ${add(get("ch"), i32(16 * vectors))}) ${get("bytes")})))
    ${times(loops(isa) ? 1 : k, (ky) => advance(`r${ky}`, mul(get("aStep"), i32(width * stride))))}
    ${advance("c", mul(get("cStep"), i32(width)))}
    ${advance("x0", i32(width))}`;
}

/** Whether a tile goes through the window's rows in a loop: unrolled, they are V8 11's fastest. */
const loops = (isa: Isa) => isa === "relaxed";

/** Moves `$p` to the next panel, or from half to half, of which `$next` holds the distance. */
const toNextGroup = (vectors: Vectors, panel: number) =>
  vectors === 2
    ? advance("p", i32(panel))
    : `${advance("p", get("next"))} ${set("next", sub(i32(panel), get("next")))}`;

/** Rows outside, then tiles along the row, then channels: memory is read as it lies. */
function dwconv(isa: Isa, narrow: Name, k: number, stride: number, vectors: Vectors): string {
  const arg = argumentsOf(narrow);
  const farthest = (tilesOf(isa)[0] - 1) * stride + k - 1;
  const distances = isa === "simd" ? Array.from({ length: farthest }, (_, j) => `x${j + 1}`) : [];
  return kernel(
    vectors === 2 ? (wideTwin(narrow) as `${Name}-wide`) : narrow,
    `${locals("i32", "from", "to", "total", "image", "row", "act", "w", "c", "p", "next", "q", "ch", "x0", "aStep", "cStep", "bytes")}
    ${locals("i32", "r", "ky", "aPitch", ...distances)}
    ${times(k, (ky) => locals("i32", `r${ky}`))}
    ${times(vectors, (j) => `${locals("v128", `x-${j}`)} ${times(k, (kx) => locals("v128", `w${kx}${j}`))}`)}
    ${times(tilesOf(isa)[0], (t) => times(vectors, (j) => locals("v128", `acc${t}${j}`)))} ${locals("v128", "low", "high")}
    ${set("bytes", arg("bytes"))}
    ${vectors === 2 ? `(if (i32.and ${get("bytes")} ${i32(16)}) (then (call $${narrow} ${get("s")} ${get("chunk")} ${get("chunks")}) (return)))` : ""}
    ${set("act", arg("act"))}
    ${set("low", splat(arg("min")))}
    ${set("high", splat(arg("max")))}
    ${set("w", arg("w"))}
    ${set("cStep", arg("cStep"))}
    ${set("aStep", arg("aStep"))}
    ${set("aPitch", arg("aPitch"))}
    ${distances.map((x, j) => set(x, mul(get("aStep"), i32(j + 1)))).join("\n")}
    ${share(mul(arg("images"), arg("height")))}
    ${whileBelow(
      "from",
      get("to"),
      `${imageAndRow(arg("height"))}
      ${set("c", add(arg("a"), mul(get("image"), arg("aImage"))))}
      ${times(loops(isa) ? 1 : k, (ky) => set(`r${ky}`, add(get("c"), mul(add(mul(get("row"), i32(stride)), i32(ky)), get("aPitch")))))}
      ${set("c", add(arg("c"), add(mul(get("image"), arg("cImage")), mul(get("row"), arg("cPitch")))))}
      ${set("x0", i32(0))}
      ${tilesOf(isa)
        .map(
          (width) => `
      (block $end-${width} (loop $again-${width}
        (br_if $end-${width} (i32.gt_u ${add(get("x0"), i32(width))} ${arg("width")}))
        ${tile(isa, k, stride, width, vectors)}
        (br $again-${width})))`,
        )
        .join("\n")}
      ${advance("from", i32(1))}`,
    )}`,
  );
}

/** Slow but general: any window, any stride, edges by comparison. */
function any(isa: Isa): string {
  const arg = argumentsOf("f32-dwconv-any");
  const inside = (at: string, size: string) => `(i32.lt_u ${get(at)} ${size})`;
  return kernel(
    "f32-dwconv-any",
    `${locals("i32", "from", "to", "total", "image", "row", "act", "p", "q", "c", "ch", "ox", "ky", "kx", "y", "x", "panel")}
    ${locals("v128", "acc0", "low", "high")}
    ${set("panel", add(i32(BIASES), mul(mul(arg("kh"), arg("kw")), i32(TAP))))}
    ${set("act", arg("act"))}
    ${set("low", splat(arg("min")))}
    ${set("high", splat(arg("max")))}
    ${share(mul(arg("images"), arg("outHeight")))}
    ${set("c", add(arg("c"), mul(get("from"), mul(arg("outWidth"), arg("cStep")))))}
    ${whileBelow(
      "from",
      get("to"),
      `${imageAndRow(arg("outHeight"))}
      ${set("ox", i32(0))}
      ${whileBelow(
        "ox",
        arg("outWidth"),
        `${set("ch", i32(0))}
        ${set("p", arg("w"))}
        ${whileBelow(
          "ch",
          arg("bytes"),
          `(local.set $acc0 (v128.load ${get("p")}))
          ${advance("p", i32(BIASES))}
          ${set("ky", i32(0))}
          ${whileBelow(
            "ky",
            arg("kh"),
            `${set("y", `(i32.sub ${add(mul(get("row"), arg("sh")), get("ky"))} ${arg("top")})`)}
            ${set("kx", i32(0))}
            ${whileBelow(
              "kx",
              arg("kw"),
              `${set("x", `(i32.sub ${add(mul(get("ox"), arg("sw")), get("kx"))} ${arg("left")})`)}
              (if (i32.and ${inside("y", arg("height"))} ${inside("x", arg("width"))}) (then
                ${set("q", add(arg("a"), add(get("ch"), mul(add(mul(add(get("y"), mul(get("image"), arg("height"))), arg("width")), get("x")), arg("aStep")))))}
                ${set("acc0", fma(isa, `(v128.load ${get("q")})`, `(v128.load ${get("p")})`, get("acc0")))}))
              ${advance("p", i32(TAP))}
              ${advance("kx", i32(1))}`,
            )}
            ${advance("ky", i32(1))}`,
          )}
          ;; From the end of one panel's half to the beginning of the next.
          ${advance("p", `(select ${i32(-16)} ${sub(i32(16), get("panel"))} (i32.and ${get("ch")} ${i32(16)}))`)}
          ${activate(isa, ["acc0"])}
          (v128.store ${add(get("c"), get("ch"))} ${get("acc0")})
          ${advance("ch", i32(16))}`,
        )}
        ${advance("c", arg("cStep"))}
        ${advance("ox", i32(1))}`,
      )}
      ${advance("from", i32(1))}`,
    )}`,
  );
}

const windows: readonly (readonly [Name, k: number, stride: number])[] = [
  ["f32-dwconv-3x3s1", 3, 1],
  ["f32-dwconv-3x3s2", 3, 2],
  ["f32-dwconv-5x5s1", 5, 1],
  ["f32-dwconv-5x5s2", 5, 2],
];

export const depthwise = (isa: Isa) =>
  [
    ...windows.map((window) => dwconv(isa, ...window, 1)),
    ...(hasWideTiles(isa) ? windows.map((window) => dwconv(isa, ...window, 2)) : []),
    any(isa),
  ].join("\n");
