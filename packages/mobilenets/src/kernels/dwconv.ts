import { dwconvAny } from "./dwconv-any.ts";
import { biasBytes, f32Dwconv, hasWideTiles, panelBytes, tapBytes } from "./geometry.ts";
import {
  add,
  block,
  br_if,
  call,
  code,
  f32x4,
  get,
  i32,
  leave,
  loop,
  mul,
  set,
  sub,
  tee,
  times,
  v128,
  when,
} from "./instructions.ts";
import { wideTwin } from "./signatures.ts";
import {
  activate,
  advance,
  argumentsOf,
  countdown,
  fence,
  fma,
  type Isa,
  imageAndRow,
  kernel,
  share,
  storeVectors,
  until,
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
  const both = (statement: (j: number) => string) => times(vectors, statement);
  const load = (from: string, offset: number) => v128.load(from, offset);
  const sums = Array.from({ length: width }, (_, t) => Array.from({ length: vectors }, (_, j) => sum(t, j)));
  // Stepping from column to column takes one register; offsets take one per column. V8 11 compiles steps to slower code.
  const toColumn = (j: number) => (isa === "relaxed" && j > 0 ? advance("q", get("aStep")) : "");
  const column = (j: number) => (isa === "relaxed" || j === 0 ? get("q") : add(get("q"), get(`x${j}`)));
  const row = times(columns, (x) => {
    const users = Array.from({ length: width }, (_, t) => ({ t, kx: x - t * stride })).filter(
      ({ kx }) => kx >= 0 && kx < k,
    );
    return code(
      toColumn(x),
      both((j) => set(`x-${j}`, load(column(x), 16 * j))),
      users.map(({ t, kx }) => both((j) => set(sum(t, j), fma(isa, get(`x-${j}`), get(`w${kx}${j}`), get(sum(t, j)))))),
    );
  });
  const taps = (ky: number) =>
    times(k, (kx) => both((j) => set(`w${kx}${j}`, load(get("p"), BIASES + TAP * (ky * k + kx) + 16 * j))));
  const unrolled = block(
    "window",
    times(k, (ky) =>
      code(ky > 0 ? fence(isa, "window", "ch", ky) : "", taps(ky), set("q", add(get(`r${ky}`), get("ch"))), row),
    ),
  );
  // A loop makes the module a third of its size. Its body is so long that the loop costs almost nothing.
  const looped = code(
    set("r", add(get("r0"), get("ch"))),
    set("ky", i32(k)),
    countdown(
      `rows-${width}`,
      "ky",
      1,
      taps(0),
      set("q", get("r")),
      row,
      advance("r", get("aPitch")),
      advance("p", i32(TAP * k)),
    ),
    advance("p", i32(-TAP * k * k)),
  );
  return code(
    set("ch", i32(0)),
    set("p", get("w")),
    vectors === 1 ? set("next", i32(16)) : "",
    loop(
      `channels-${width}`,
      both((j) => set(sum(0, j), load(get("p"), 16 * j))),
      times(width - 1, (t) => both((j) => set(sum(t + 1, j), get(sum(0, j))))),
      loops(isa) ? looped : unrolled,
      activate(isa, sums.flat()),
      set("q", add(get("c"), get("ch"))),
      sums.map((own, t) => code(t > 0 ? advance("q", get("cStep")) : "", storeVectors("q", own.map(get)))),
      toNextGroup(vectors, panelBytes(f32Dwconv, [k, k, 1])),
      br_if(`channels-${width}`, i32.lt_u(tee("ch", add(get("ch"), i32(16 * vectors))), get("bytes"))),
    ),
    times(loops(isa) ? 1 : k, (ky) => advance(`r${ky}`, mul(get("aStep"), i32(width * stride)))),
    advance("c", mul(get("cStep"), i32(width))),
    advance("x0", i32(width)),
  );
}

/** Whether a tile loops over the window's rows; unrolled rows are fastest on V8 11. */
const loops = (isa: Isa) => isa === "relaxed";

/** Moves `$p` to the next panel, or to the next half by the distance in `$next`. */
const toNextGroup = (vectors: Vectors, panel: number) =>
  vectors === 2 ? advance("p", i32(panel)) : code(advance("p", get("next")), set("next", sub(i32(panel), get("next"))));

/** The loops go over rows, then tiles along the row, then channels, so that memory is read in order. */
function dwconv(isa: Isa, narrow: Name, k: number, stride: number, vectors: Vectors): string {
  const arg = argumentsOf(narrow);
  const farthest = (tilesOf(isa)[0] - 1) * stride + k - 1;
  const distances = isa === "simd" ? Array.from({ length: farthest }, (_, j) => `x${j + 1}`) : [];
  return kernel(
    vectors === 2 ? (wideTwin(narrow) as `${Name}-wide`) : narrow,

    set("bytes", arg("bytes")),
    vectors === 2
      ? when(i32.and(get("bytes"), i32(16)), code(call(narrow, get("s"), get("chunk"), get("chunks")), leave()))
      : "",
    set("act", arg("act")),
    set("low", f32x4.splat(arg("min"))),
    set("high", f32x4.splat(arg("max"))),
    set("w", arg("w")),
    set("cStep", arg("cStep")),
    set("aStep", arg("aStep")),
    set("aPitch", arg("aPitch")),
    distances.map((x, j) => set(x, mul(get("aStep"), i32(j + 1)))),
    share(mul(arg("images"), arg("height"))),
    whileBelow(
      "from",
      get("to"),
      imageAndRow(arg("height")),
      set("c", add(arg("a"), mul(get("image"), arg("aImage")))),
      times(loops(isa) ? 1 : k, (ky) =>
        set(`r${ky}`, add(get("c"), mul(add(mul(get("row"), i32(stride)), i32(ky)), get("aPitch")))),
      ),
      set("c", add(arg("c"), add(mul(get("image"), arg("cImage")), mul(get("row"), arg("cPitch"))))),
      set("x0", i32(0)),
      tilesOf(isa).map((width) =>
        until(
          `again-${width}`,
          i32.gt_u(add(get("x0"), i32(width)), arg("width")),
          tile(isa, k, stride, width, vectors),
        ),
      ),
      advance("from", i32(1)),
    ),
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
    dwconvAny(isa),
  ].join("\n");
