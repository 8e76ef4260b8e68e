import type { Coefficients } from "./coefficients.ts";
import type { Axis } from "./filters.ts";

const { fround } = Math;

/** Pixels and their weights for one output. Pixels beyond the picture repeat its edge. */
type Taps = readonly (readonly [pixel: number, weight: number])[];

/** Weights of `tf.image.resize` without antialias, one output at a time, in float32 where that matters. */
const methods: Readonly<Record<"bilinear" | "bicubic" | "area", (i: number, scale: number, size: number) => Taps>> = {
  bilinear(i, scale) {
    const at = halfPixel(i, scale);
    const low = Math.floor(at);
    const share = fround(at - low);
    return [
      [low, 1 - share],
      [low + 1, share],
    ];
  },

  /** Keys' cubic from a table of 1,024 steps; pixels beyond the edge have weight 0 (`resize_bicubic_op.cc`). */
  bicubic(i, scale, size) {
    const at = halfPixel(i, scale);
    const low = Math.floor(at);
    const step = roundHalfEven(fround(fround(at - low) * TABLE));
    const all = [far(step), near(step), near(TABLE - step), far(TABLE - step)];
    const inside = all.map((weight, k): [number, number] => {
      const pixel = low - 1 + k;
      return [pixel, pixel >= 0 && pixel < size ? weight : 0];
    });
    const sum = inside.reduce((total, [, weight]) => total + weight, 0);
    return inside.map(([pixel, weight]) => [pixel, weight / sum]);
  },

  /** The mean of the area that an output covers (`resize_area_op.cc`). */
  area(i, scale, size) {
    const from = fround(i * scale);
    const to = fround((i + 1) * scale);
    const taps: [number, number][] = [];
    for (let pixel = Math.floor(from); pixel < Math.min(Math.ceil(to), size); pixel++) {
      taps.push([pixel, (Math.min(pixel + 1, to) - Math.max(pixel, from)) / scale]);
    }
    return taps;
  },
};

const TABLE = 1024;

/** Weight of a pixel at a distance below 1, in steps of the table. */
function near(step: number): number {
  const x = step / TABLE;
  return (1.5 * x - 2.5) * x * x + 1;
}

/** Weight of a pixel at a distance from 1 to 2, in steps of the table. */
function far(step: number): number {
  const x = step / TABLE + 1;
  return ((-0.5 * x + 2.5) * x - 4) * x + 2;
}

function halfPixel(i: number, scale: number): number {
  return fround(fround((i + 0.5) * scale) - 0.5);
}

function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

function scaleOf({ length, outputSize }: Axis): number {
  return fround(length / outputSize);
}

/** The weights of an axis. The rectangle is cropped first: no pixel outside it is read. */
export function tensorflowWeights(axis: Axis, method: keyof typeof methods): Coefficients {
  const { inputSize, from, length, first, count } = axis;
  const scale = scaleOf(axis);
  const outputs = Array.from({ length: count }, (_, i) => methods[method](first + i, scale, length));
  const inside = (pixel: number) => from + Math.min(length - 1, Math.max(0, pixel));
  return packed(
    inputSize,
    outputs.map((taps) => taps.map(([pixel, weight]) => [inside(pixel), weight])),
  );
}

/** The pixels of `nearest`; a position between two takes the right one (`resize_nearest_neighbor_op.cc`). */
export function tensorflowNearest(axis: Axis): Int32Array {
  const scale = scaleOf(axis);
  const at = (i: number) => Math.min(axis.length - 1, Math.floor(fround(fround(axis.first + i + 0.5) * scale)));
  return Int32Array.from({ length: axis.count }, (_, i) => axis.from + at(i));
}

/** Weights in the layout of `resample`: the same number for each output, for adjacent pixels. */
export function packed(inputSize: number, outputs: readonly Taps[]): Coefficients {
  const reach = outputs.map((taps) => {
    const pixels = Float64Array.from(taps, ([pixel]) => pixel).sort();
    return { start: pixels[0]!, end: pixels[pixels.length - 1]! + 1 };
  });
  const taps = 2 * Math.ceil(Math.max(...reach.map(({ start, end }) => end - start)) / 2);
  const lastStart = Math.max(0, inputSize - taps);
  const starts = Int32Array.from(reach, ({ start }) => Math.min(start, lastStart));
  const weights = new Float64Array(outputs.length * taps);
  outputs.forEach((output, i) => {
    for (const [pixel, weight] of output) weights[i * taps + pixel - starts[i]!]! += weight;
  });
  return { taps, starts, weights };
}
