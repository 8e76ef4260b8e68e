import { readPixels } from "./channels.ts";
import type { Coefficients } from "./coefficients.ts";
import type { Picture } from "./picture.ts";

/** The place of a resized picture: rows of interleaved channels, `rowStride` numbers apart, from `data[offset]` on. */
export interface Target {
  readonly data: Float32Array;
  readonly offset: number;
  readonly rowStride: number;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/**
 * Resizes with weights for columns and rows, after conversion to the target's channels (`channels.ts`). The numbers stay
 * in 0..255 and are not rounded to integers.
 *
 * Rows are filtered horizontally, kept as float32, then combined vertically; sums are float64. The arithmetic has a fixed
 * order, so every host computes the same bits, and so do the kernels of `simd/`. Only the rows and columns under the
 * filters are read.
 */
export function resample(picture: Picture, across: Coefficients, down: Coefficients, target: Target): void {
  const { width, height, channels } = target;
  const first = across.starts[0]!;
  const last = across.starts[width - 1]! + across.taps;
  const columns = Math.min(last, picture.width) - first;
  const rowSize = width * channels;
  const { taps } = down;
  const { pixels, ring, sums } = scratch((last - first) * channels, taps * rowSize, rowSize);

  let next = down.starts[0]!;
  for (let y = 0; y < height; y++) {
    const start = down.starts[y]!;
    const end = Math.min(start + taps, picture.height);
    // Filters narrower than the step between rows skip some rows.
    next = Math.max(next, start);
    // Row r stays in slot r % taps: the window only moves down, so a row overwrites one that has left it.
    for (; next < end; next++) {
      readPixels(picture, next * picture.width + first, columns, channels, pixels);
      const slot = (next % taps) * rowSize;
      if (channels === 3) filterColour(pixels, first, across, ring, slot);
      else filterGrey(pixels, first, across, ring, slot);
    }
    const row = target.offset + y * target.rowStride;
    if (taps === 2) {
      const slot2 = ((start + 1) % taps) * rowSize;
      blendRows(target.data, row, rowSize, ring, (start % taps) * rowSize, slot2, down.weights, y * taps);
      continue;
    }
    sums.fill(0);
    for (let k = 0; k < taps; k += 2) {
      const slot = ((start + k) % taps) * rowSize;
      const slot2 = ((start + k + 1) % taps) * rowSize;
      addRows(sums, ring, slot, down.weights[y * taps + k]!, slot2, down.weights[y * taps + k + 1]!);
    }
    target.data.set(sums, row);
  }
}

function filterColour(pixels: Float64Array, first: number, across: Coefficients, out: Float32Array, at: number): void {
  const { starts, weights, taps } = across;
  let k = 0;
  for (let x = 0; x < starts.length; x++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let p = (starts[x]! - first) * 3;
    // Two taps per iteration, added in order, because V8 reloads an array's data and length in every iteration.
    for (const end = k + taps; k < end; k += 2, p += 6) {
      const weight = weights[k]!;
      const weight2 = weights[k + 1]!;
      red = red + weight * pixels[p]! + weight2 * pixels[p + 3]!;
      green = green + weight * pixels[p + 1]! + weight2 * pixels[p + 4]!;
      blue = blue + weight * pixels[p + 2]! + weight2 * pixels[p + 5]!;
    }
    out[at] = red;
    out[at + 1] = green;
    out[at + 2] = blue;
    at += 3;
  }
}

function filterGrey(pixels: Float64Array, first: number, across: Coefficients, out: Float32Array, at: number): void {
  const { starts, weights, taps } = across;
  let k = 0;
  for (let x = 0; x < starts.length; x++) {
    let grey = 0;
    let p = starts[x]! - first;
    for (const end = k + taps; k < end; k++, p++) grey += weights[k]! * pixels[p]!;
    out[at + x] = grey;
  }
}

function addRows(
  sums: Float64Array,
  ring: Float32Array,
  at: number,
  weight: number,
  at2: number,
  weight2: number,
): void {
  for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + weight * ring[at + i]! + weight2 * ring[at2 + i]!;
}

/** `addRows` for filters of two taps, which enlarge, without `sums`: the same bits in a quarter less time. */
function blendRows(
  out: Float32Array,
  to: number,
  count: number,
  ring: Float32Array,
  at: number,
  at2: number,
  weights: Float64Array,
  k: number,
): void {
  const weight = weights[k]!;
  const weight2 = weights[k + 1]!;
  for (let i = 0; i < count; i++) out[to + i] = weight * ring[at + i]! + weight2 * ring[at2 + i]!;
}

let pixelBuffer = new Float64Array(0);
let ringBuffer = new Float32Array(0);
let sumBuffer = new Float64Array(0);

/**
 * Buffers for one row of source pixels in the target's channels, the horizontally filtered rows under the vertical
 * filter, and one row of the target. All calls share them: calls are synchronous, so they never overlap. They hold
 * finite numbers of earlier calls, which taps of weight 0 may read.
 */
function scratch(pixelSize: number, ringSize: number, rowSize: number) {
  if (pixelBuffer.length < pixelSize) pixelBuffer = new Float64Array(pixelSize);
  if (ringBuffer.length < ringSize) ringBuffer = new Float32Array(ringSize);
  if (sumBuffer.length !== rowSize) sumBuffer = new Float64Array(rowSize);
  return { pixels: pixelBuffer, ring: ringBuffer, sums: sumBuffer };
}
