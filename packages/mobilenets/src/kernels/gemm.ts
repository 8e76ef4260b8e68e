import { func, params } from "./func.ts";
import { gemmTile, type TileVectors, tileName } from "./gemm-tile.ts";
import { gemv } from "./gemv.ts";
import { f32Gemm, hasWideTiles } from "./geometry.ts";
import { add, call, code, get, i32, leave, mul, select, set, sub, tee, times, when } from "./instructions.ts";
import { advance, argumentsOf, type Isa, kernel, whileBelow } from "./wat.ts";

const NR = f32Gemm.nr;

/**
 * Heights of wide tiles. Square maps leave 3, 4 or 7 rows besides tiles of 6, and 7 is 4 and 3. Other remainders go
 * through narrow tiles.
 */
const WIDE_HEIGHTS: readonly number[] = [3, 4, f32Gemm.mr.relaxed];

const arg = argumentsOf("f32-gemm");
const min = (a: string, b: string) => select(a, b, i32.lt_u(a, b));

const callTile = (rows: number, vectors: TileVectors, tiles: string) =>
  call(tileName(rows, vectors), get("s"), get("m"), tiles, get("n0"), get("n1"));
const range = params("i32", "s", "m", "m1", "n0", "n1");
const callRange = (name: string, n0: string, n1: string) => call(name, get("s"), get("m"), get("m1"), n0, n1);

/** Pixels `$m` to `$m1` times whole panels `$n0` to `$n1`: full tiles, then the remainder in one or two smaller ones. */
function rowsOfTiles(mr: number, vectors: 2 | 4): string {
  const some = (rows: number) => {
    const one =
      vectors === 2 || WIDE_HEIGHTS.includes(rows)
        ? callTile(rows, vectors, i32(1))
        : call("gemm-rows-8", get("s"), get("m"), add(get("m"), i32(rows)), get("n0"), get("n1"));
    return code(one, advance("m", i32(rows)));
  };
  const rest = (count: number) => {
    const half = Math.ceil(count / 2);
    return count <= mr ? some(count) : code(some(half), some(count - half));
  };
  return func(
    { name: `gemm-rows-${4 * vectors}`, params: range },
    set("left", sub(get("m1"), get("m"))),
    set("tiles", i32.div_u(get("left"), i32(mr))),
    set("left", sub(get("left"), mul(get("tiles"), i32(mr)))),
    // A tile of 1 or 2 rows has too few sums to hide their latency. Together with a full tile it becomes two of medium
    // size.
    when(
      i32.and(get("tiles"), i32.or(i32.eq(get("left"), i32(1)), i32.eq(get("left"), i32(2)))),
      code(set("tiles", sub(get("tiles"), i32(1))), set("left", add(get("left"), i32(mr)))),
    ),
    when(get("tiles"), code(callTile(mr, vectors, get("tiles")), advance("m", mul(get("tiles"), i32(mr))))),
    times(mr + 2, (i) => when(i32.eq(get("left"), i32(i + 1)), code(rest(i + 1), leave()))),
  );
}

/** The same for a last panel that has only four columns. */
const rowsOfHalf = (mr: number) =>
  func(
    { name: "gemm-rows-4", params: range },
    when(
      tee("tiles", i32.div_u(sub(get("m1"), get("m")), i32(mr))),
      code(callTile(mr, 1, get("tiles")), advance("m", mul(get("tiles"), i32(mr)))),
    ),
    when(tee("tiles", sub(get("m1"), get("m"))), callTile(1, 1, get("tiles"))),
  );

/** The end of whole panels before `$n1`: the last one of a layer may be half. */
const wholePanels = i32.div_u(min(mul(get("n1"), i32(NR)), arg("ns")), i32(NR));

/** Pixels `$m` to `$m1` times panels `$n0` to `$n1`, one panel at a time. */
const blockOfPanels = func(
  { name: "gemm-block", params: range },
  when(i32.lt_u(get("n0"), tee("end", wholePanels)), callRange("gemm-rows-8", get("n0"), get("end"))),
  when(i32.lt_u(get("end"), get("n1")), callRange("gemm-rows-4", get("end"), get("n1"))),
);

/** The same, with two adjacent panels as long as there are two. */
const blockOfPairs = func(
  { name: "gemm-block-wide", params: range },
  set("end", add(get("n0"), i32.and(sub(wholePanels, get("n0")), i32(-2)))),
  when(i32.lt_u(get("n0"), get("end")), callRange("gemm-rows-16", get("n0"), get("end"))),
  when(i32.lt_u(get("end"), get("n1")), callRange("gemm-block", get("end"), get("n1"))),
);

/**
 * Chunks are ranges of pixels, or of panels if there are few pixels; blocks keep input and weights in cache.
 * @param panels number of adjacent panels in a tile: ranges begin at a multiple of it
 */
function entry(name: "f32-gemm" | "f32-gemm-wide", mr: number, panels: 1 | 2): string {
  const part = (count: string, chunk: string, grain: number) =>
    mul(i32.div_u(mul(i32.div_u(add(count, i32(grain - 1)), i32(grain)), chunk), get("chunks")), i32(grain));
  const next = add(get("chunk"), i32(1));
  const nBlock = panels === 1 ? arg("nBlock") : i32.and(add(arg("nBlock"), i32(1)), i32(-2));
  return kernel(
    name,
    set("m1", arg("m")),
    set("n1", arg("panels")),
    when(
      arg("splitN"),
      code(
        set("n0", part(get("n1"), get("chunk"), panels)),
        set("nEnd", part(get("n1"), next, panels)),
        set("n1", min(get("nEnd"), get("n1"))),
      ),
      code(
        set("m0", part(get("m1"), get("chunk"), mr)),
        set("mEnd", part(get("m1"), next, mr)),
        set("m1", min(get("mEnd"), get("m1"))),
      ),
    ),
    when(
      i32.and(i32.eq(arg("m"), i32(1)), i32.and(i32.eqz(arg("r")), i32.eq(arg("kh"), i32(1)))),
      code(call("gemv", get("s"), get("n0"), get("n1")), leave()),
    ),
    set("m", get("m0")),
    whileBelow(
      "m",
      get("m1"),
      set("mEnd", add(get("m"), arg("mBlock"))),
      set("mEnd", min(get("mEnd"), get("m1"))),
      set("n", get("n0")),
      whileBelow(
        "n",
        get("n1"),
        set("nEnd", add(get("n"), nBlock)),
        set("nEnd", min(get("nEnd"), get("n1"))),
        call(panels === 1 ? "gemm-block" : "gemm-block-wide", get("s"), get("m"), get("mEnd"), get("n"), get("nEnd")),
        set("n", get("nEnd")),
      ),
      set("m", get("mEnd")),
    ),
  );
}

export function gemm(isa: Isa): string {
  const mr = f32Gemm.mr[isa];
  const tiles = (vectors: TileVectors, heights: readonly number[]) =>
    heights.map((rows) => gemmTile(isa, rows, vectors));
  const upTo = Array.from({ length: mr }, (_, i) => i + 1);
  return [
    ...tiles(1, [1, mr]),
    ...tiles(2, upTo),
    rowsOfHalf(mr),
    rowsOfTiles(mr, 2),
    blockOfPanels,
    gemv(isa),
    entry("f32-gemm", mr, 1),
    ...(hasWideTiles(isa)
      ? [...tiles(4, WIDE_HEIGHTS), rowsOfTiles(mr, 4), blockOfPairs, entry("f32-gemm-wide", mr, 2)]
      : []),
  ].join("\n");
}
