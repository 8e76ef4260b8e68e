/** A resampling filter: its weight at a distance from the centre, and its radius, both in output pixels. */
export interface Filter {
  readonly support: number;
  weigh(x: number): number;
}

export type FilterName = "box" | "bilinear" | "hamming" | "bicubic" | "lanczos";

/** Pillow's filters, term by term (`src/libImaging/Resample.c`), so that float64 rounds them alike. */
export const filters: Readonly<Record<FilterName, Filter>> = {
  box: { support: 0.5, weigh: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weigh: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weigh: (x) => hamming(Math.abs(x)) },
  bicubic: { support: 2, weigh: (x) => bicubic(Math.abs(x)) },
  lanczos: { support: 3, weigh: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function hamming(x: number): number {
  if (x === 0) return 1;
  if (x >= 1) return 0;
  const angle = x * Math.PI;
  return (Math.sin(angle) / angle) * (0.54 + 0.46 * Math.cos(angle));
}

/** Keys' cubic convolution, a = -0.5. */
const A = -0.5;

function bicubic(x: number): number {
  if (x < 1) return ((A + 2) * x - (A + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
}

function sinc(x: number): number {
  if (x === 0) return 1;
  const angle = x * Math.PI;
  return Math.sin(angle) / angle;
}

/** One axis of a resize: `[from, from + length)` of `inputSize` pixels becomes `outputSize`, or a part of that. */
export interface Axis {
  readonly inputSize: number;
  readonly from: number;
  readonly length: number;
  readonly outputSize: number;
  /** The first output needed. */
  readonly first: number;
  /** Number of outputs needed. */
  readonly count: number;
}

/** Weights of outputs: output `i` has `counts[i]`, from `weights[i * taps]` on, for the pixels from `starts[i]` on. */
export interface Spans {
  readonly taps: number;
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** Weights; those of one output sum to 1. */
  readonly weights: Float64Array;
}

/** Pillow's `precompute_coeffs`: weights of the pixels whose centre is under the filter, which widens for reduction. */
export function spansOf({ inputSize, from, length, outputSize, first, count }: Axis, filter: Filter): Spans {
  const scale = length / outputSize;
  const growth = Math.max(scale, 1);
  const support = filter.support * growth;
  const inverse = 1 / growth;
  const taps = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(count);
  const counts = new Int32Array(count);
  const weights = new Float64Array(count * taps);
  for (let i = 0; i < count; i++) {
    const center = from + (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(inputSize, Math.trunc(center + support + 0.5));
    let sum = 0;
    for (let x = start; x < end; x++) {
      const weight = filter.weigh((x - center + 0.5) * inverse);
      weights[i * taps + x - start] = weight;
      sum += weight;
    }
    if (sum !== 0) for (let k = i * taps; k < i * taps + end - start; k++) weights[k]! /= sum;
    starts[i] = start;
    counts[i] = end - start;
  }
  return { taps, starts, counts, weights };
}
