/** The weights of a one-dimensional resampling: output `i` is the sum of `weights[i * taps + k] * input[starts[i] + k]`. */
export interface Coefficients {
  /** Weights per output: an even number, so that loops can take two at a time; weights without a pixel are 0. */
  readonly taps: number;
  /**
   * The first input pixel of each output, in ascending order. `starts[i] + taps` exceeds the size of the input only if
   * `taps` itself does.
   */
  readonly starts: Int32Array;
  /** Weights; those of one output sum to 1. */
  readonly weights: Float64Array;
}

/**
 * Number of cached weights (2 MB). Pictures of one size need the same two sets every time, a few sizes may alternate, and
 * random crops of small pictures take one of a few hundred.
 */
const CACHE_SIZE = 2 ** 18;
const cache = new Map<string, { readonly weights: { readonly length: number } }>();
let cached = 0;

/** The result of `make`, or its recent result for the same key. */
export function remembered<T extends { readonly weights: { readonly length: number } }>(key: string, make: () => T): T {
  let found = cache.get(key) as T | undefined;
  if (found === undefined) {
    found = make();
    cached += found.weights.length;
    // A Map iterates in the order of insertion: the oldest comes first.
    for (const [oldest, { weights }] of cache) {
      if (cached <= CACHE_SIZE) break;
      cached -= weights.length;
      cache.delete(oldest);
    }
    cache.set(key, found);
  }
  return found;
}

/**
 * Antialiased bilinear resampling of the span `[from, from + length)` of an axis of `inputSize` pixels to `outputSize`.
 *
 * Pixel centres are at half-integers (no aligned corners). The filter is a triangle with a radius of one pixel, of the
 * input for enlarging, of the output for reducing, so that it skips no input pixel. Near the span's ends it reads the
 * pixels beyond them; at the axis' ends its weights are scaled to sum to 1. Pillow's `Image.resize(BILINEAR, box=...)`
 * and, for whole axes, `jax.image.resize(antialias=True)` have the same definition.
 */
export function coefficients(inputSize: number, from: number, length: number, outputSize: number): Coefficients {
  return remembered(`${inputSize},${from},${length},${outputSize}`, () =>
    triangle(inputSize, from, length, outputSize),
  );
}

function triangle(inputSize: number, from: number, length: number, outputSize: number): Coefficients {
  const scale = length / outputSize;
  const support = Math.max(scale, 1);
  // At most ceil(2 * support) pixel centres lie under the triangle.
  const taps = 2 * Math.ceil(Math.ceil(2 * support) / 2);
  const lastStart = Math.max(0, inputSize - taps);
  const starts = new Int32Array(outputSize);
  const weights = new Float64Array(outputSize * taps);
  for (let i = 0; i < outputSize; i++) {
    const center = from + (i + 0.5) * scale;
    const start = Math.min(lastStart, Math.max(0, Math.floor(center - support + 0.5)));
    const count = Math.min(taps, inputSize - start);
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const weight = Math.max(0, 1 - Math.abs((start + k + 0.5 - center) / support));
      weights[i * taps + k] = weight;
      sum += weight;
    }
    for (let k = 0; k < count; k++) weights[i * taps + k]! /= sum;
    starts[i] = start;
  }
  return { taps, starts, weights };
}
