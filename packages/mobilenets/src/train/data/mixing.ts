import type { Preprocessing } from "../../image/preprocessing.ts";
import type { Augmentation } from "./augmentation.ts";
import { integer, type Next } from "./crops.ts";

/** A batch under way, changed in place: `[n, height, width, channels]` and `[n, classes]`. */
export interface Mixable {
  readonly images: Float32Array;
  readonly targets: Float32Array;
  readonly size: number;
}

type ImageSize = Pick<Preprocessing, "height" | "width" | "channels">;

/**
 * Applies mixup or cutmix to a whole batch, in place; if both are set, one of them with equal chances. Partners are the
 * first and the last example, the second and the last but one, and so on: the batch is already shuffled.
 */
export function mix(batch: Mixable, size: ImageSize, { mixup: a, cutmix: b }: Augmentation, next: Next): void {
  if (a === undefined && b === undefined) return;
  const cut = b !== undefined && (a === undefined || next() < 0.5);
  if (cut) cutmix(batch, size, beta(b, next), next);
  else mixup(batch, beta(a as number, next));
}

/** Each example keeps its share `keep` and takes the rest from its partner. */
export function mixup({ images, targets, size }: Mixable, keep: number): void {
  blendRows(images, size, keep);
  blendRows(targets, size, keep);
}

/**
 * Partners swap a rectangle with the input's proportions, about `1 - keep` of the area, at a random centre. The part
 * outside the picture is cut off. Targets mix by the share that was really swapped.
 */
export function cutmix({ images, targets, size }: Mixable, image: ImageSize, keep: number, next: Next): void {
  const { height, width, channels } = image;
  const side = Math.sqrt(1 - keep);
  const [left, right] = span(width, side, next);
  const [top, bottom] = span(height, side, next);
  const imageSize = height * width * channels;
  for (let i = 0, j = size - 1; i < j; i++, j--) {
    for (let y = top; y < bottom; y++) {
      const from = (y * width + left) * channels;
      const length = (right - left) * channels;
      const mine = images.subarray(i * imageSize + from, i * imageSize + from + length);
      const theirs = images.subarray(j * imageSize + from, j * imageSize + from + length);
      const kept = mine.slice();
      mine.set(theirs);
      theirs.set(kept);
    }
  }
  blendRows(targets, size, 1 - ((right - left) * (bottom - top)) / (height * width));
}

function blendRows(data: Float32Array, rows: number, keep: number): void {
  const length = data.length / rows;
  for (let i = 0, j = rows - 1; i < j; i++, j--) {
    const first = i * length;
    const second = j * length;
    for (let k = 0; k < length; k++) {
      const a = data[first + k]!;
      const b = data[second + k]!;
      data[first + k] = keep * a + (1 - keep) * b;
      data[second + k] = keep * b + (1 - keep) * a;
    }
  }
}

/** Draws an interval of `share` of an axis around a random pixel, clipped to the axis. */
function span(size: number, share: number, next: Next): [from: number, to: number] {
  const length = Math.round(size * share);
  const from = integer(size - 1, next) - (length >> 1);
  return [Math.max(0, from), Math.min(size, from + length)];
}

/**
 * Draws from Beta(a, a) by Jöhnk's method: draws two powers of uniform numbers until their sum is at most 1. Only a
 * large `a` needs many pairs: 6 for 2.
 */
export function beta(a: number, next: Next): number {
  for (;;) {
    const x = next() ** (1 / a);
    const y = next() ** (1 / a);
    // Both can underflow to 0 for a small `a`.
    if (x + y <= 1 && x + y > 0) return x / (x + y);
  }
}
