import { func, params } from "../func.ts";
import { f32GemmTransposed, hasWideTiles } from "../geometry.ts";
import {
  add,
  br_if,
  call,
  code,
  f32x4,
  get,
  i32,
  i32x4,
  loop,
  mul,
  set,
  sub,
  tee,
  times,
  v128,
  when,
} from "../instructions.ts";
import { advance, argumentsOf, countdown, fma, type Isa, kernel, share, storeVectors, whileBelow } from "../wat.ts";

const zero = i32x4(0);

const arg = argumentsOf("f32-gemm-tn");

/** Vectors of columns in a tile. */
type TileVectors = 1 | 2 | 4;

const tileName = (rows: number, vectors: TileVectors) => `gemm-tn-${rows}x${4 * vectors}`;
const blockName = (wide: boolean) => (wide ? "gemm-tn-block-wide" : "gemm-tn-block");

/**
 * `rows` rows of the product, columns `$n` to `$n1`, over one run of pixels. Each pixel is an outer product: `rows` of its
 * values in a, splat, times those of b. Both operands are maps of the forward pass; nothing is packed.
 */
function micro(isa: Isa, rows: number, vectors: TileVectors): string {
  const acc = (row: number, j: number) => `acc${row}${j}`;
  const each = (statement: (row: number) => string) => times(rows, statement);
  const all = (statement: (row: number, j: number) => string) =>
    each((row) => times(vectors, (j) => statement(row, j)));
  const names = (row: number) => Array.from({ length: vectors }, (_, j) => acc(row, j));
  return func(
    { name: tileName(rows, vectors), params: params("i32", "s", "a", "b", "c", "first", "n", "n1") },

    set("aStep", arg("aStep")),
    set("bStep", arg("bStep")),
    set("cStep", arg("cStep")),
    loop(
      "columns",
      all((row, j) => set(acc(row, j), zero)),
      set("p", get("a")),
      set("q", add(get("b"), i32.shl(get("n"), i32(2)))),
      set("k", arg("pixels")),
      countdown(
        "pixels",
        "k",
        1,
        times(vectors, (j) => set(`b${j}`, v128.load(get("q"), 16 * j))),
        each((row) =>
          code(
            set("x", v128.load32_splat(get("p"), 4 * row)),
            times(vectors, (j) => set(acc(row, j), fma(isa, get("x"), get(`b${j}`), get(acc(row, j))))),
          ),
        ),
        advance("p", get("aStep")),
        advance("q", get("bStep")),
      ),
      set("q", add(get("c"), i32.shl(get("n"), i32(2)))),
      when(
        i32.eqz(get("first")),
        code(
          set("o", get("q")),
          each((row) =>
            code(
              names(row).map((x, j) => set(x, f32x4.add(get(x), v128.load(get("o"), 16 * j)))),
              row < rows - 1 ? advance("o", get("cStep")) : "",
            ),
          ),
        ),
      ),
      each((row) => code(storeVectors("q", names(row).map(get)), row < rows - 1 ? advance("q", get("cStep")) : "")),
      br_if("columns", i32.lt_u(tee("n", add(get("n"), i32(4 * vectors))), get("n1"))),
    ),
  );
}

/** Full tiles as long as there are enough columns, then narrower tiles. */
const columns = (rows: number, vectors: TileVectors) =>
  code(
    set("end", add(get("n"), i32.and(sub(arg("ns"), get("n")), i32(-4 * vectors)))),
    when(
      i32.lt_u(get("n"), get("end")),
      code(
        call(tileName(rows, vectors), get("s"), get("pa"), get("b"), get("pc"), get("first"), get("n"), get("end")),
        set("n", get("end")),
      ),
    ),
  );

/** Rows `$m` to `$m1` over `$runs` runs of pixels; the first run writes, the others add. */
const blockOf = (mr: number, wide: boolean) =>
  func(
    { name: blockName(wide), params: params("i32", "s", "a", "b", "c", "runs", "m0", "m1") },
    set("first", i32(1)),
    countdown(
      "run",
      "runs",
      1,
      set("m", get("m0")),
      whileBelow(
        "m",
        get("m1"),
        set("pa", add(get("a"), i32.shl(get("m"), i32(2)))),
        set("pc", add(get("c"), mul(get("m"), arg("cStep")))),
        set("left", sub(get("m1"), get("m"))),
        set("n", i32(0)),
        when(i32.ge_u(get("left"), i32(mr)), code(wide ? columns(mr, 4) : "", columns(mr, 2), columns(mr, 1))),
        times(mr - 1, (i) => when(i32.eq(get("left"), i32(i + 1)), code(columns(i + 1, 2), columns(i + 1, 1)))),
        advance("m", i32(mr)),
      ),
      set("first", i32(0)),
      advance("a", arg("aRun")),
      advance("b", arg("bRun")),
    ),
  );

/** Threads share parts of the pixels, each with its own product, or the product's rows if there is one part. */
const entry = (name: "f32-gemm-tn" | "f32-gemm-tn-wide", mr: number, wide: boolean) =>
  kernel(
    name,
    when(
      i32.eq(arg("parts"), i32(1)),
      code(
        share(i32.div_u(add(arg("m"), i32(mr - 1)), i32(mr))),
        set("m1", mul(get("to"), i32(mr))),
        when(i32.gt_u(get("m1"), arg("m")), set("m1", arg("m"))),
        when(
          i32.lt_u(get("from"), get("to")),
          call(
            blockName(wide),
            get("s"),
            arg("a"),
            arg("b"),
            arg("c"),
            arg("runs"),
            mul(get("from"), i32(mr)),
            get("m1"),
          ),
        ),
      ),
      code(
        share(arg("parts")),
        whileBelow(
          "from",
          get("to"),
          call(
            blockName(wide),
            get("s"),
            add(arg("a"), mul(get("from"), arg("aPart"))),
            add(arg("b"), mul(get("from"), arg("bPart"))),
            add(arg("c"), mul(get("from"), arg("cPart"))),
            arg("runs"),
            i32(0),
            arg("m"),
          ),
          advance("from", i32(1)),
        ),
      ),
    ),
  );

/** Product of a transposed map with another: gradients of weights. */
export function gemmTransposed(isa: Isa): string {
  const mr = f32GemmTransposed.mr[isa];
  const upTo = Array.from({ length: mr }, (_, i) => i + 1);
  const narrow = upTo.flatMap((rows) => [micro(isa, rows, 2), micro(isa, rows, 1)]);
  const wide = [micro(isa, mr, 4), blockOf(mr, true), entry("f32-gemm-tn-wide", mr, true)];
  return [...narrow, blockOf(mr, false), entry("f32-gemm-tn", mr, false), ...(hasWideTiles(isa) ? wide : [])].join(
    "\n",
  );
}
