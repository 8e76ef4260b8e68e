/** How output pixels map to the picture. */
export type Alignment =
  /** Corner pixels coincide: `alignCorners` of TensorFlow.js. */
  | "corners"
  /** Top left corners coincide: the default of TensorFlow.js and TensorFlow 1. */
  | "origin"
  /**
   * Centres of the areas coincide, as canvases draw: in sixteenths of a pixel, everything rounded down. The samples
   * equal those of Chromium's canvases (Skia's `S32_opaque_D32_filter_DX`).
   */
  | "canvas";

/** A side of the picture and of the result. */
interface Side {
  readonly from: number;
  readonly to: number;
  /** Start of the wanted part in an output larger than `to`, and that output's size. */
  readonly offset?: number;
  readonly whole?: number;
}

/** Two neighbouring pixels and the share of the second, for each output pixel. */
interface Taps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly share: Float64Array;
}

/** As `ResizeBilinear` of TensorFlow.js' cpu backend computes it (4.22). */
function tapsOf({ from, to, offset = 0, whole = to }: Side, alignment: Alignment): Taps {
  const corners = alignment === "corners" && whole > 1;
  const ratio = corners ? (from - 1) / (whole - 1) : from / whole;
  const taps = { low: new Int32Array(to), high: new Int32Array(to), share: new Float64Array(to) };
  for (let i = 0; i < to; i++) {
    const at = alignment === "canvas" ? sixteenths(ratio * (i + offset + 0.5) - 0.5) : ratio * (i + offset);
    const inside = Math.max(0, at);
    taps.low[i] = Math.min(from - 1, Math.floor(inside));
    taps.high[i] = Math.min(from - 1, Math.ceil(inside));
    taps.share[i] = inside - taps.low[i];
  }
  return taps;
}

const sixteenths = (at: number) => Math.floor(at * 16) / 16;

/** A picture's samples, row-major, channels interleaved. */
export interface Samples {
  readonly data: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** The size of the result; with `whole`, a part of a larger one, from `top` and `left` on. */
export interface Size {
  readonly height: number;
  readonly width: number;
  readonly whole?: { readonly height: number; readonly width: number; readonly top: number; readonly left: number };
}

/**
 * Resizes bilinearly, from at most four pixels to an output; shrinking ignores the pixels between them. TensorFlow.js
 * and canvases do the same.
 * @param out takes `height * width * channels` numbers in the picture's units, from index `at` on
 */
export function resizeBilinear(picture: Samples, to: Size, alignment: Alignment, out: Float32Array, at = 0): void {
  const { data, width, channels } = picture;
  const { whole } = to;
  const rows = tapsOf({ from: picture.height, to: to.height, offset: whole?.top, whole: whole?.height }, alignment);
  const columns = tapsOf({ from: width, to: to.width, offset: whole?.left, whole: whole?.width }, alignment);
  let index = at;
  for (let y = 0; y < to.height; y++) {
    const top = rows.low[y] * width;
    const bottom = rows.high[y] * width;
    for (let x = 0; x < to.width; x++) {
      const left = columns.low[x];
      const right = columns.high[x];
      for (let c = 0; c < channels; c++) {
        const a = data[(top + left) * channels + c];
        const b = data[(bottom + left) * channels + c];
        const upper = a + (data[(top + right) * channels + c] - a) * columns.share[x];
        const lower = b + (data[(bottom + right) * channels + c] - b) * columns.share[x];
        const value = upper + (lower - upper) * rows.share[y];
        out[index++] = alignment === "canvas" ? Math.floor(value) : value;
      }
    }
  }
}
