import { remembered } from "./coefficients.ts";
import { type Axis, type FilterName, filters, type Spans, spansOf } from "./filters.ts";
import type { Picture } from "./picture.ts";
import type { FixedResampling } from "./resampling.ts";
import type { Target } from "./resize.ts";
import { type SampleRows, sampleRows } from "./sample-rows.ts";

/** Pillow's `PRECISION_BITS`: fractional bits of integer weights, chosen so that sums of bytes times weights fit in 32. */
const BITS = 32 - 8 - 2;
const HALF = 1 << (BITS - 1);

/** `Spans` with weights in steps of 2^-22. */
export interface FixedSpans extends Omit<Spans, "weights"> {
  readonly weights: Int32Array;
}

/** The weights of `resizeFixed` for the outputs of `across` and `down`. */
export function fixedResampling(across: Axis, down: Axis, name: FilterName): FixedResampling {
  const [columns, rows] = [fixedSpans(across, name), fixedSpans(down, name)];
  return { kind: "fixed", columns, rows, rowsFirst: isTall(across, down) };
}

/**
 * Pillow's `Image.resize` of 8-bit samples, to the bit: a pass over columns, then one over rows, each a sum of integers
 * rounded to bytes. The weights have as many outputs as `target` holds.
 */
export function resizeFixed(picture: Picture, { columns, rows, rowsFirst }: FixedResampling, target: Target): void {
  const source = sampleRows(picture, target.channels);
  if (rowsFirst) beginWithRows(source, columns, rows, target);
  else columnsFirst(source, columns, rows, target);
}

/** Pillow 13's rule to begin with the rows if that is less work; older versions always begin with the columns. */
function isTall(across: Axis, down: Axis): boolean {
  const less = down.inputSize - down.outputSize;
  return less > 0 && less > 2 * (across.inputSize - across.outputSize);
}

function columnsFirst(source: SampleRows, columns: FixedSpans, rows: FixedSpans, target: Target): void {
  const { width, height, channels } = target;
  const rowSize = width * channels;
  // A row of the filter's window stays in slot `row % taps`: the window only moves down.
  const { bytes: ring, sums } = scratch(rows.taps * rowSize, rowSize);
  let next = 0;
  for (let y = 0; y < height; y++) {
    const start = rows.starts[y]!;
    const end = start + rows.counts[y]!;
    for (next = Math.max(next, start); next < end; next++) {
      filterRow(channels, source.data, source.at(next), columns, ring, (next % rows.taps) * rowSize);
    }
    sums.fill(HALF);
    let k = y * rows.taps;
    let row = start;
    for (; row + 1 < end; row += 2, k += 2) {
      const slot = (row % rows.taps) * rowSize;
      const slot2 = ((row + 1) % rows.taps) * rowSize;
      addTwoRows(sums, ring, slot, rows.weights[k]!, slot2, rows.weights[k + 1]!);
    }
    if (row < end) addRow(sums, ring, (row % rows.taps) * rowSize, rows.weights[k]!);
    const to = target.offset + y * target.rowStride;
    for (let i = 0; i < rowSize; i++) target.data[to + i] = Math.max(0, Math.min(255, sums[i]! >> BITS));
  }
}

function beginWithRows(source: SampleRows, columns: FixedSpans, rows: FixedSpans, target: Target): void {
  const { width, height, channels } = target;
  const last = width - 1;
  const first = columns.starts[0]! * channels;
  const rowSize = (columns.starts[last]! + columns.counts[last]!) * channels - first;
  const { bytes, sums } = scratch(rowSize + width * channels, rowSize);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    const start = rows.starts[y]!;
    for (let k = 0; k < rows.counts[y]!; k++) {
      // Converted rows share one buffer.
      const at = source.at(start + k) + first;
      addRow(sums, source.data, at, rows.weights[y * rows.taps + k]!);
    }
    // The array clamps to 0..255.
    for (let i = 0; i < rowSize; i++) bytes[i] = sums[i]! >> BITS;
    filterRow(channels, bytes, -first, columns, bytes, rowSize);
    target.data.set(bytes.subarray(rowSize, rowSize + width * channels), target.offset + y * target.rowStride);
  }
}

/** Pillow's `normalize_coeffs_8bpc`: rounded half away from zero. */
function fixedSpans(axis: Axis, name: FilterName): FixedSpans {
  const { inputSize, from, length, outputSize, first, count } = axis;
  return remembered(`${name},${inputSize},${from},${length},${outputSize},${first},${count}`, () => {
    const spans = spansOf(axis, filters[name]);
    const weights = Int32Array.from(spans.weights, (w) => Math.trunc((w < 0 ? -0.5 : 0.5) + w * 2 ** BITS));
    return { ...spans, weights };
  });
}

type Samples = Uint8Array | Uint8ClampedArray;

function filterRow(
  channels: 1 | 3,
  data: Samples,
  base: number,
  spans: FixedSpans,
  out: Uint8ClampedArray,
  at: number,
): void {
  if (channels === 3) filterColour(data, base, spans, out, at);
  else filterGrey(data, base, spans, out, at);
}

function filterColour(data: Samples, base: number, spans: FixedSpans, out: Uint8ClampedArray, at: number): void {
  const { starts, counts, weights, taps } = spans;
  for (let x = 0; x < starts.length; x++) {
    let red = HALF;
    let green = HALF;
    let blue = HALF;
    let p = base + starts[x]! * 3;
    let k = x * taps;
    const end = k + counts[x]!;
    // Two taps per iteration, because V8 reloads an array's data and length in every iteration.
    for (; k + 1 < end; k += 2, p += 6) {
      const weight = weights[k]!;
      const weight2 = weights[k + 1]!;
      red = (red + Math.imul(data[p]!, weight) + Math.imul(data[p + 3]!, weight2)) | 0;
      green = (green + Math.imul(data[p + 1]!, weight) + Math.imul(data[p + 4]!, weight2)) | 0;
      blue = (blue + Math.imul(data[p + 2]!, weight) + Math.imul(data[p + 5]!, weight2)) | 0;
    }
    if (k < end) {
      const weight = weights[k]!;
      red = (red + Math.imul(data[p]!, weight)) | 0;
      green = (green + Math.imul(data[p + 1]!, weight)) | 0;
      blue = (blue + Math.imul(data[p + 2]!, weight)) | 0;
    }
    // The array clamps to 0..255.
    out[at] = red >> BITS;
    out[at + 1] = green >> BITS;
    out[at + 2] = blue >> BITS;
    at += 3;
  }
}

function filterGrey(data: Samples, base: number, spans: FixedSpans, out: Uint8ClampedArray, at: number): void {
  const { starts, counts, weights, taps } = spans;
  for (let x = 0; x < starts.length; x++) {
    let grey = HALF;
    let p = base + starts[x]!;
    for (let k = x * taps, end = k + counts[x]!; k < end; k++, p++) {
      grey = (grey + Math.imul(data[p]!, weights[k]!)) | 0;
    }
    out[at + x] = grey >> BITS;
  }
}

function addRow(sums: Int32Array, data: Samples, at: number, weight: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + Math.imul(data[at + i]!, weight);
}

function addTwoRows(sums: Int32Array, data: Samples, at: number, weight: number, at2: number, weight2: number): void {
  for (let i = 0; i < sums.length; i++) {
    sums[i] = sums[i]! + Math.imul(data[at + i]!, weight) + Math.imul(data[at2 + i]!, weight2);
  }
}

let byteBuffer = new Uint8ClampedArray(0);
let sumBuffer = new Int32Array(0);

/** Buffers that all calls share: calls are synchronous, so they never overlap. */
function scratch(byteSize: number, rowSize: number) {
  if (byteBuffer.length < byteSize) byteBuffer = new Uint8ClampedArray(byteSize);
  if (sumBuffer.length !== rowSize) sumBuffer = new Int32Array(rowSize);
  return { bytes: byteBuffer, sums: sumBuffer };
}
