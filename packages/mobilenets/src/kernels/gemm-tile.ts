import { func, params } from "./func.ts";
import { biasBytes, F32_GEMM_UNROLL, f32Gemm, tapBytes, VECTOR_BYTES } from "./geometry.ts";
import { add, br, br_if, code, f32x4, get, i32, loop, mul, set, sub, tee, times, v128, when } from "./instructions.ts";
import { activate, advance, argumentsOf, countdown, fma, type Isa, storeVectors } from "./wat.ts";

/** Vectors of columns in a tile: half a panel, a panel, or two panels side by side. */
export type TileVectors = 1 | 2 | 4;

export const tileName = (rows: number, vectors: TileVectors) => `gemm-${rows}x${4 * vectors}`;

const arg = argumentsOf("f32-gemm");
/** Bytes of a panel's weights of one tap, two vectors. */
const ROW = tapBytes(f32Gemm);
/** Taps per turn of the innermost loop. Unrolled code spills registers on V8 11 and runs at 60 % of the speed. */
const UNROLL: Record<Isa, number> = { relaxed: F32_GEMM_UNROLL, simd: 1 };

/**
 * Computes `$tiles` tiles, one below the other: each is `rows` output pixels by `vectors` vectors of columns, for every
 * panel from `$n0` to `$n1`. The first tile begins at pixel `$m`.
 *
 * The loops, from the outside in: tiles, panels, rows of the window, taps. The panels are inside, so that a tile's input
 * stays in the L1 cache. The caller chooses a range of panels that stays in a cache too.
 *
 * A tile of whole panels treats the two halves of a panel alike, in one block from the bias to the store, so that V8 can
 * fuse them into operations of 256 bits. A last panel of four columns is a separate tile.
 *
 * Locals, besides arguments under their own names:
 * - `x0`: the tile's column in its output row; `a`, `c`: addresses of its first pixel in input and output;
 * - `a0`, `a1`, ...: the address of each row's next input; `c0`, `c1`, ...: of its output pixel;
 * - `p`, `p2`: the address of the next weights of each panel; `b0`, `b1`, ...: a tap's weights, a vector each;
 * - `acc00`, `acc01`, ...: the sums, by row and vector; `x`: an input in all four lanes;
 * - `ky`, `k`: remaining rows of the window and turns of taps; `n`: the panel;
 * - `skip`: from the end of a window's row to the start of the next; `back`: from the window's end to its start.
 */
export function gemmTile(isa: Isa, rows: number, vectors: TileVectors): string {
  const tile: Tile = { isa, rows, vectors, pointers: vectors > 2 ? ["p", "p2"] : ["p"] };
  const panels = tile.pointers.length;
  return func(
    { name: tileName(rows, vectors), params: params("i32", "s", "m", "tiles", "n0", "n1") },
    readArguments(),
    countdown(
      "tile",
      "tiles",
      1,
      toPixels(tile),
      set("n", get("n0")),
      set("p", add(arg("w"), mul(get("n"), arg("panel")))),
      loop(
        "panel",
        panels > 1 ? set("p2", add(get("p"), arg("panel"))) : "",
        fromBiases(tile),
        addWindow(tile),
        set("q", i32.shl(get("n"), i32(Math.log2(ROW)))),
        when(get("r"), addResidual(tile)),
        set("low", f32x4.splat(arg("min"))),
        set("high", f32x4.splat(arg("max"))),
        activate(isa, sumsOf(tile).flat()),
        store(tile),
        panels > 1 ? set("p", get("p2")) : "",
        br_if("panel", i32.lt_u(tee("n", add(get("n"), i32(panels))), get("n1"))),
      ),
      when(get("r"), advance("r", mul(get("rStep"), i32(rows)))),
    ),
  );
}

interface Tile {
  readonly isa: Isa;
  readonly rows: number;
  readonly vectors: TileVectors;
  /** Locals with the addresses of the adjacent panels. */
  readonly pointers: readonly string[];
}

/** The locals of the sums: one per row and vector. */
const sumsOf = ({ rows, vectors }: Tile) =>
  Array.from({ length: rows }, (_, row) => Array.from({ length: vectors }, (_, j) => `acc${row}${j}`));

const eachSum = (tile: Tile, statement: (sum: string, j: number) => string) =>
  code(sumsOf(tile).map((sums) => code(sums.map(statement))));

/** Copies arguments into locals, and sets addresses to pixel `$m`. */
const readArguments = () =>
  code(
    set("width", arg("width")),
    set("k", i32.div_u(get("m"), get("width"))),
    set("x0", i32.rem_u(get("m"), get("width"))),
    set("a", add(arg("a"), add(mul(get("m"), arg("aStep")), mul(get("k"), arg("aSkip"))))),
    set("c", add(arg("c"), add(mul(get("m"), arg("cStep")), mul(get("k"), arg("cSkip"))))),
    set("rStep", arg("rStep")),
    set("r", arg("r")),
    when(get("r"), advance("r", mul(get("m"), get("rStep")))),
    set("k4", arg("k4")),
    set("k1", arg("k1")),
    set("act", arg("act")),
    set("skip", sub(arg("aPitch"), add(i32.shl(get("k4"), i32(4)), i32.shl(get("k1"), i32(2))))),
    set("back", sub(mul(arg("kh"), arg("aPitch")), get("skip"))),
  );

/** Sets each row's addresses, and moves `$a` and `$c` on to the next tile. */
const toPixels = ({ rows }: Tile) =>
  times(rows, (row) =>
    code(
      set(`a${row}`, get("a")),
      set(`c${row}`, get("c")),
      advance("a", arg("aStep")),
      advance("c", arg("cStep")),
      when(
        i32.eq(tee("x0", add(get("x0"), i32(1))), get("width")),
        code(set("x0", i32(0)), advance("a", arg("aSkip")), advance("c", arg("cSkip"))),
      ),
    ),
  );

/** Loads the weights of tap `k` from the pointers on. */
const loadWeights = ({ vectors, pointers }: Tile, k: number) =>
  times(vectors, (j) => set(`b${j}`, v128.load(get(pointers[j >> 1]), ROW * k + VECTOR_BYTES * (j & 1))));

/** Initialises the sums with the biases, which come first in a panel. */
const fromBiases = (tile: Tile) =>
  code(
    loadWeights(tile, 0),
    eachSum(tile, (sum, j) => set(sum, get(`b${j}`))),
    tile.pointers.map((p) => advance(p, i32(biasBytes(f32Gemm)))),
  );

/** Adds the products of all taps of the window, and moves the rows' addresses back to its start. */
function addWindow(tile: Tile): string {
  const unroll = UNROLL[tile.isa];
  const each = (statement: (row: number) => string) => times(tile.rows, statement);
  const allTaps = add(i32.shl(get("k4"), i32(2)), get("k1"));
  return code(
    set("ky", arg("kh")),
    loop(
      "window",
      unroll > 1 ? repeat("four", get("k4"), addTaps(tile, unroll)) : "",
      repeat("one", unroll > 1 ? get("k1") : allTaps, addTaps(tile, 1)),
      when(
        tee("ky", sub(get("ky"), i32(1))),
        code(
          each((row) => advance(`a${row}`, get("skip"))),
          br("window"),
        ),
      ),
    ),
    each((row) => set(`a${row}`, sub(get(`a${row}`), get("back")))),
  );
}

const repeat = (label: string, count: string, body: string) =>
  code(set("k", count), when(get("k"), countdown(label, "k", 1, body)));

/** Adds the products of `count` taps. */
const addTaps = (tile: Tile, count: number) =>
  code(
    times(count, (k) =>
      code(
        loadWeights(tile, k),
        sumsOf(tile).map((sums, row) =>
          code(
            set("x", v128.load32_splat(get(`a${row}`), 4 * k)),
            sums.map((sum, j) => set(sum, fma(tile.isa, get("x"), get(`b${j}`), get(sum)))),
          ),
        ),
      ),
    ),
    tile.pointers.map((p) => advance(p, i32(ROW * count))),
    times(tile.rows, (row) => advance(`a${row}`, i32(4 * count))),
  );

const addResidual = (tile: Tile) =>
  code(
    set("o", add(get("r"), get("q"))),
    sumsOf(tile).map((sums, row) =>
      code(
        sums.map((sum, j) => set(sum, f32x4.add(get(sum), v128.load(get("o"), VECTOR_BYTES * j)))),
        row < tile.rows - 1 ? advance("o", get("rStep")) : "",
      ),
    ),
  );

const store = (tile: Tile) =>
  code(
    sumsOf(tile).map((sums, row) => code(set("o", add(get(`c${row}`), get("q"))), storeVectors("o", sums.map(get)))),
  );
