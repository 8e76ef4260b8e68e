import { biasBytes, f32Dwconv, panelBytes, tapBytes } from "./geometry.ts";
import type { KernelName } from "./signatures.ts";
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
  times,
  whileBelow,
} from "./wat.ts";

/** Output pixels of the tiles along a row, the largest first; each loaded input serves all of its taps. */
const tilesOf = (isa: Isa): readonly number[] => [...new Set([f32Dwconv.mr[isa], 4, 2, 1])];
/** Bytes of a tap of four channels, and of their biases. */
const TAP = tapBytes(f32Dwconv);

/**
 * One tile: `width` neighbouring outputs times all channels, 4 at a time. Input row pointers are in `$r0`, `$r1`, ...,
 * already at the tile's first column.
 */
function tile(isa: Isa, k: number, stride: number, width: number): string {
  const columns = (width - 1) * stride + k;
  // Stepping from column to column costs one register, distances to all of them one each; but V8 11 makes slower code of it.
  const column = (j: number) => {
    if (j === 0) return get("q");
    return isa === "relaxed" ? `(local.tee $q ${add(get("q"), get("aStep"))})` : add(get("q"), get(`x${j}`));
  };
  const row = (ky: number) => `
    ${set("q", add(get(`r${ky}`), get("ch")))}
    ${times(columns, (j) => {
      const users = Array.from({ length: width }, (_, t) => ({ t, kx: j - t * stride })).filter(
        ({ kx }) => kx >= 0 && kx < k,
      );
      return `
      (local.set $x (v128.load ${column(j)}))
      ${users.map(({ t, kx }) => set(`acc${t}`, fma(isa, get("x"), get(`w${kx}`), get(`acc${t}`)))).join("\n")}`;
    })}`;
  return `
    ${set("ch", i32(0))}
    ${set("p", get("w"))}
    (loop $channels-${width}
      (local.set $acc0 (v128.load ${get("p")}))
      ${times(width - 1, (t) => set(`acc${t + 1}`, get("acc0")))}
      (block $window ${times(
        k,
        (ky) => `
        ${ky > 0 ? fence(isa, "window", "ch", ky) : ""}
        ${times(k, (kx) => `(local.set $w${kx} (v128.load offset=${biasBytes(f32Dwconv) + TAP * (ky * k + kx)} ${get("p")}))`)}
        ${row(ky)}`,
      )})
      ${activate(
        isa,
        Array.from({ length: width }, (_, t) => `acc${t}`),
      )}
      ${set("q", add(get("c"), get("ch")))}
      (v128.store ${get("q")} ${get("acc0")})
      ${times(width - 1, (t) => `(v128.store (local.tee $q ${add(get("q"), get("cStep"))}) ${get(`acc${t + 1}`)})`)}
      ${advance("p", i32(panelBytes(f32Dwconv, [k, k, 1])))}
      (br_if $channels-${width} (i32.lt_u (local.tee $ch ${add(get("ch"), i32(16))}) ${get("bytes")})))
    ${times(k, (ky) => advance(`r${ky}`, mul(get("aStep"), i32(width * stride))))}
    ${advance("c", mul(get("cStep"), i32(width)))}
    ${advance("x0", i32(width))}`;
}

/** Rows outside, then tiles along the row, then channels: memory is read as it lies. */
function dwconv(
  isa: Isa,
  name: KernelName & `f32-dwconv-${"3x3" | "5x5"}s${1 | 2}`,
  k: number,
  stride: number,
): string {
  const arg = argumentsOf(name);
  const farthest = (tilesOf(isa)[0] - 1) * stride + k - 1;
  return kernel(
    name,
    `${locals("i32", "from", "to", "total", "image", "row", "act", "w", "c", "p", "q", "ch", "x0", "aStep", "cStep", "bytes")}
    ${isa === "simd" ? times(farthest, (j) => locals("i32", `x${j + 1}`)) : ""}
    ${times(k, (ky) => locals("i32", `r${ky}`))}
    ${locals("v128", "x", "low", "high")}
    ${times(tilesOf(isa)[0], (t) => locals("v128", `acc${t}`))}
    ${times(k, (kx) => locals("v128", `w${kx}`))}
    ${set("act", arg("act"))}
    ${set("low", splat(arg("min")))}
    ${set("high", splat(arg("max")))}
    ${set("w", arg("w"))}
    ${set("bytes", arg("bytes"))}
    ${set("cStep", arg("cStep"))}
    ${set("aStep", arg("aStep"))}
    ${isa === "simd" ? times(farthest, (j) => set(`x${j + 1}`, mul(get("aStep"), i32(j + 1)))) : ""}
    ${share(mul(arg("images"), arg("height")))}
    ${whileBelow(
      "from",
      get("to"),
      `${imageAndRow(arg("height"))}
      ${set("c", add(arg("a"), mul(get("image"), arg("aImage"))))}
      ${times(k, (ky) => set(`r${ky}`, add(get("c"), mul(add(mul(get("row"), i32(stride)), i32(ky)), arg("aPitch")))))}
      ${set("c", add(arg("c"), add(mul(get("image"), arg("cImage")), mul(get("row"), arg("cPitch")))))}
      ${set("x0", i32(0))}
      ${tilesOf(isa)
        .map(
          (width) => `
      (block $end-${width} (loop $again-${width}
        (br_if $end-${width} (i32.gt_u ${add(get("x0"), i32(width))} ${arg("width")}))
        ${tile(isa, k, stride, width)}
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
    `${locals("i32", "from", "to", "total", "image", "row", "act", "p", "q", "c", "ch", "ox", "ky", "kx", "y", "x")}
    ${locals("v128", "acc0", "low", "high")}
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
          ${advance("p", i32(biasBytes(f32Dwconv)))}
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

export const depthwise = (isa: Isa) =>
  [
    dwconv(isa, "f32-dwconv-3x3s1", 3, 1),
    dwconv(isa, "f32-dwconv-3x3s2", 3, 2),
    dwconv(isa, "f32-dwconv-5x5s1", 5, 1),
    dwconv(isa, "f32-dwconv-5x5s2", 5, 2),
    any(isa),
  ].join("\n");
