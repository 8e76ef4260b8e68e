import { type Fitting, ownFitting } from "../../image/fitting.ts";
import type { Picture } from "../../image/picture.ts";
import type { Preprocessing } from "../../image/preprocessing.ts";
import type { Augmentation } from "./augmentation.ts";
import { type Next, randomRectangle, randomResizedCrop, randomShift } from "./crops.ts";
import { jitter, randomFactors } from "./jitter.ts";

/**
 * Preprocesses a picture with random changes: all that an augmentation has except mixup and cutmix. Writes
 * `[height, width, channels]` float32 into `out` from `offset` on. All random numbers come from `next`, in a fixed order.
 * A grey picture is processed as one channel, even for a network with three.
 */
export function augment(
  picture: Picture,
  preprocessing: Preprocessing,
  augmentation: Augmentation,
  next: Next,
  out: Float32Array,
  offset = 0,
  fitting: Fitting = ownFitting,
): void {
  const { randomShift: share, randomResizedCrop: crop, horizontalFlip, colorJitter, randomErasing } = augmentation;
  const moved = share ? randomShift(picture, share, next) : picture;
  const placement = crop
    ? randomResizedCrop(moved, crop, preprocessing, next)
    : fitting.place(moved.width, moved.height, preprocessing);
  const { destination } = placement;
  const { width, height } = destination;
  const channels = picture.channels === 1 ? 1 : preprocessing.channels;
  const size = width * height * channels;
  const samples = scratch(size);
  fitting.resize(moved, placement, { data: samples, offset: 0, rowStride: width * channels, width, height, channels });

  const flip = horizontalFlip !== undefined && next() < horizontalFlip;
  if (colorJitter) jitter(samples, size, channels, randomFactors(colorJitter, next));

  if (width < preprocessing.width || height < preprocessing.height) {
    out.fill(0, offset, offset + preprocessing.height * preprocessing.width * preprocessing.channels);
  }
  const at = offset + (destination.y * preprocessing.width + destination.x) * preprocessing.channels;
  normalise({ samples, width, height, channels }, preprocessing, flip, out, at);

  if (randomErasing && next() < randomErasing.probability) {
    const { scale, ratio } = randomErasing;
    const hole = randomRectangle(preprocessing.width, preprocessing.height, scale, ratio, next);
    if (hole) fillRectangle(out, offset, preprocessing, hole);
  }
}

interface Samples {
  readonly samples: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/** Normalises; in the same loop it mirrors, and repeats grey for a network of three channels. */
function normalise(from: Samples, to: Preprocessing, flip: boolean, out: Float32Array, at: number): void {
  const { samples, width, height, channels } = from;
  const step = flip ? -to.channels : to.channels;
  for (let c = 0; c < to.channels; c++) {
    const mean = to.mean[c]!;
    const std = to.std[c]!;
    for (let y = 0; y < height; y++) {
      let i = at + (y * to.width + (flip ? width - 1 : 0)) * to.channels + c;
      const end = (y + 1) * width * channels;
      for (let p = y * width * channels + (channels === 1 ? 0 : c); p < end; p += channels, i += step) {
        out[i] = (samples[p]! - mean) / std;
      }
    }
  }
}

/** Sets a rectangle of an image `[height, width, channels]` to 0. */
function fillRectangle(
  out: Float32Array,
  offset: number,
  { width, channels }: Preprocessing,
  hole: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): void {
  for (let y = hole.y; y < hole.y + hole.height; y++) {
    const start = offset + (y * width + hole.x) * channels;
    out.fill(0, start, start + hole.width * channels);
  }
}

let buffer = new Float32Array(0);

/** A buffer that all calls share: `augment` is synchronous, so calls never overlap. */
function scratch(size: number): Float32Array {
  if (buffer.length < size) buffer = new Float32Array(size);
  return buffer;
}
