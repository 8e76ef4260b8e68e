import { OptionError } from "../errors.ts";
import { show } from "../show.ts";
import { type Coefficients, remembered } from "./coefficients.ts";
import { type Placement, place, type Rectangle } from "./crop.ts";
import { type Axis, type FilterName, filters, spansOf } from "./filters.ts";
import type { Fitting } from "./fitting.ts";
import { fixedResampling, resizeFixed } from "./fixed-point.ts";
import { normalise } from "./normalise.ts";
import type { Picture } from "./picture.ts";
import type { Preprocessing, Resize } from "./preprocessing.ts";
import type { NearestResampling, Resampling } from "./resampling.ts";
import { resample, type Target } from "./resize.ts";
import { isResize, resizes } from "./resizes.ts";
import { sampleRows } from "./sample-rows.ts";
import { packed, tensorflowNearest, tensorflowWeights } from "./tensorflow.ts";

type Weigh = (across: Axis, down: Axis) => Resampling;

/**
 * The fitting of Pillow (as torchvision and Keras use it), of torchvision's tensors, or of `tf.image`.
 * @throws OptionError for an unknown name, perhaps from a file
 */
export function othersFitting(name: Resize): Fitting {
  if (!isResize(name)) {
    throw new OptionError({ where: "preprocessing", found: `resize ${show(name)}`, expected: resizes.join(", ") });
  }
  const weigh = weighing(name);
  const centre = name.startsWith("tensorflow-") ? cutThenResize : resizeThenCut;
  const fitting: Fitting = {
    name,
    place: (width, height, to) => (to.crop === "center" ? centre(width, height, to) : place(width, height, to)),
    resampling(picture, { source, destination, resized }, target) {
      const all = picture.extent ?? picture;
      const box: Rectangle = resized ? { x: 0, y: 0, width: all.width, height: all.height } : source;
      const { x, y, width, height } = resized ?? { ...destination, x: 0, y: 0 };
      const across = { inputSize: picture.width, from: box.x, length: box.width, outputSize: width };
      const down = { inputSize: picture.height, from: box.y, length: box.height, outputSize: height };
      return weigh({ ...across, first: x, count: target.width }, { ...down, first: y, count: target.height });
    },
    resize(picture, placement, target, normalisation) {
      resizeBy(fitting.resampling(picture, placement, target), picture, target);
      if (normalisation) normalise(target, normalisation);
    },
  };
  return fitting;
}

function resizeBy(how: Resampling, picture: Picture, target: Target): void {
  if (how.kind === "fixed") resizeFixed(picture, how, target);
  else if (how.kind === "nearest") take(picture, how, target);
  else {
    resample(picture, how.across, how.down, target);
    if (how.bytes) roundToBytes(target);
  }
}

function weighing(name: Resize): Weigh {
  const [library, filter, antialias] = name.split("-");
  if (library === "pillow" && filter !== "nearest") {
    return (across, down) => fixedResampling(across, down, filter as FilterName);
  }
  if (filter === "nearest") {
    const pixels = library === "pillow" ? pillowNearest : tensorflowNearest;
    return (across, down) => ({ kind: "nearest", columns: pixels(across), rows: pixels(down) });
  }
  const weights = (axis: Axis) => remembered(`${name},${Object.values(axis)}`, () => weigh(axis));
  const weigh = (axis: Axis): Coefficients =>
    library === "torch" || antialias
      ? antialiased(axis, filter as FilterName)
      : tensorflowWeights(axis, filter as "bilinear" | "bicubic" | "area");
  // torchvision returns bytes for bytes.
  const bytes = library === "torch";
  return (across, down) => ({ kind: "float", across: weights(across), down: weights(down), bytes });
}

/** Filters of torch and TensorFlow have Pillow's radius and weights, except for float32 rounding. */
function antialiased(axis: Axis, filter: FilterName): Coefficients {
  const { taps, starts, counts, weights } = spansOf(axis, filters[filter]);
  const outputs = Array.from(starts, (start, i) =>
    Array.from({ length: counts[i]! }, (_, k): [number, number] => [start + k, weights[i * taps + k]!]),
  );
  return packed(axis.inputSize, outputs);
}

function roundToBytes({ data, offset, rowStride, width, height, channels }: Target): void {
  for (let y = 0; y < height; y++) {
    const start = offset + y * rowStride;
    for (let i = start; i < start + width * channels; i++) {
      data[i] = Math.min(255, Math.max(0, halfEven(data[i]!)));
    }
  }
}

/** Rounds half to even, as Python's `round` and `torch.round`. */
function halfEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

/** Pillow accumulates the steps, with their rounding (`ImagingScaleAffine` of `src/libImaging/Geometry.c`). */
function pillowNearest({ inputSize, from, length, outputSize, first, count }: Axis): Int32Array {
  const step = length / outputSize;
  const pixels = new Int32Array(count);
  let at = from + step * 0.5;
  for (let i = 0; i < first + count; i++, at += step) {
    if (i >= first) pixels[i - first] = Math.min(inputSize - 1, Math.trunc(at));
  }
  return pixels;
}

function take(picture: Picture, { columns, rows }: NearestResampling, target: Target): void {
  const { data, offset, rowStride, channels } = target;
  const source = sampleRows(picture, channels);
  for (let y = 0; y < rows.length; y++) {
    const base = source.at(rows[y]!);
    let to = offset + y * rowStride;
    for (let x = 0; x < columns.length; x++) {
      const from = base + columns[x]! * channels;
      for (let c = 0; c < channels; c++) data[to++] = source.data[from + c]!;
    }
  }
}

/**
 * torchvision's and timm's `Resize` of the shorter side to the input's size divided by `cropFraction`, rounded down, then
 * `CenterCrop`. For inputs that are not square it is timm's `ResizeKeepRatio`; torchvision has no equivalent.
 */
function resizeThenCut(width: number, height: number, to: Preprocessing): Placement {
  const across = Math.floor(to.width / to.cropFraction);
  const down = Math.floor(to.height / to.cropFraction);
  const resized = across === down ? shorterSide(width, height, across) : keepRatio(width, height, across, down);
  const x = halfEven((resized.width - to.width) / 2);
  const y = halfEven((resized.height - to.height) / 2);
  const sx = width / resized.width;
  const sy = height / resized.height;
  return {
    source: { x: x * sx, y: y * sy, width: to.width * sx, height: to.height * sy },
    destination: { x: 0, y: 0, width: to.width, height: to.height },
    resized: { ...resized, x, y },
  };
}

function shorterSide(width: number, height: number, size: number) {
  const other = (long: number, short: number) => Math.trunc((size * long) / short);
  return width <= height
    ? { width: size, height: other(height, width) }
    : { width: other(width, height), height: size };
}

function keepRatio(width: number, height: number, across: number, down: number) {
  const ratio = Math.min(height / down, width / across);
  return { width: halfEven(width / ratio), height: halfEven(height / ratio) };
}

/** `tf.image.resize` takes no rectangle: the centre is cropped at whole pixels first. */
function cutThenResize(width: number, height: number, to: Preprocessing): Placement {
  const scale = Math.min(width / to.width, height / to.height) * to.cropFraction;
  const w = Math.max(1, Math.floor(to.width * scale));
  const h = Math.max(1, Math.floor(to.height * scale));
  const source = { x: (width - w) >> 1, y: (height - h) >> 1, width: w, height: h };
  return { source, destination: { x: 0, y: 0, width: to.width, height: to.height } };
}
