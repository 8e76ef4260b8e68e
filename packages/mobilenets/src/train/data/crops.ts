import { type Placement, place, type Rectangle } from "../../image/crop.ts";
import { isOthers } from "../../image/fitting.ts";
import type { Picture } from "../../image/picture.ts";
import type { Preprocessing } from "../../image/preprocessing.ts";
import type { Range } from "./augmentation.ts";

export type Next = () => number;

/** Attempts to draw a rectangle that fits, before the largest that fits is taken, as in torchvision. */
const ATTEMPTS = 10;

export function uniform([min, max]: Range, next: Next): number {
  return min + (max - min) * next();
}

/** Draws a ratio so that it and its inverse are equally likely. */
function logUniform([min, max]: Range, next: Next): number {
  return min * (max / min) ** next();
}

/** Draws an integer from 0 to `max`, both included. */
export function integer(max: number, next: Next): number {
  return Math.floor(next() * (max + 1));
}

/**
 * Draws a rectangle of whole pixels inside `width` x `height`: its share of the area from `scale`, its width to height
 * from `ratio`, its position at random. Undefined if no attempt fits.
 */
export function randomRectangle(
  width: number,
  height: number,
  scale: Range,
  ratio: Range,
  next: Next,
): Rectangle | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const area = width * height * uniform(scale, next);
    const proportion = logUniform(ratio, next);
    const w = Math.round(Math.sqrt(area * proportion));
    const h = Math.round(Math.sqrt(area / proportion));
    if (w < 1 || h < 1 || w > width || h > height) continue;
    return { x: integer(width - w, next), y: integer(height - h, next), width: w, height: h };
  }
  return undefined;
}

/** RandomResizedCrop: draws the part of the picture that fills the network's input. */
export function randomResizedCrop(
  { width, height }: Picture,
  { scale, ratio }: { readonly scale: Range; readonly ratio: Range },
  to: Preprocessing,
  next: Next,
): Placement {
  const proportion = to.width / to.height;
  const ratios: Range = [ratio[0] * proportion, ratio[1] * proportion];
  const source = randomRectangle(width, height, scale, ratios, next);
  if (source === undefined)
    return place(width, height, { ...to, crop: isOthers(to) ? "aspect" : "center", cropFraction: 1 });
  return { source, destination: { x: 0, y: 0, width: to.width, height: to.height } };
}

/** Pads by repeating the edge and crops to the old size: the content moves right by `dx` and down by `dy` pixels. */
export function shift(picture: Picture, dx: number, dy: number): Picture {
  const { data, width, height, channels } = picture;
  if (dx === 0 && dy === 0) return picture;
  const out = new Uint8Array(data.length);
  const inside = (i: number, size: number) => Math.min(size - 1, Math.max(0, i));
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = inside(y - dy, height) * width;
    for (let x = 0; x < width; x++) {
      const from = (row + inside(x - dx, width)) * channels;
      for (let c = 0; c < channels; c++) out[to++] = data[from + c]!;
    }
  }
  return { data: out, width, height, channels };
}

/** Shifts by up to `share` of each side; every shift is equally likely. */
export function randomShift(picture: Picture, share: number, next: Next): Picture {
  const draw = (size: number) => {
    const most = Math.round(size * share);
    return integer(2 * most, next) - most;
  };
  return shift(picture, draw(picture.width), draw(picture.height));
}
