import type { Target } from "./resize.ts";

/** Mean and standard deviation of each channel; a `Preprocessing` has them. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Computes `(x - mean) / std` of each number of a target in float64, rounded to float32 once. */
export function normalise({ data, offset, rowStride, width, height, channels }: Target, to: Normalisation): void {
  for (let y = 0; y < height; y++) {
    const row = offset + y * rowStride;
    for (let c = 0; c < channels; c++) {
      const m = to.mean[c]!;
      const s = to.std[c]!;
      for (let i = row + c; i < row + width * channels; i += channels) data[i] = (data[i]! - m) / s;
    }
  }
}
