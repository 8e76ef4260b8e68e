import type { Preprocessing } from "./preprocessing.ts";

/** A rectangle in pixels from the top left corner; pixel (0, 0) covers the square from 0 to 1. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The part of the picture (fractional) and the part of the network's input (whole pixels) that it is resized into. */
export interface Placement {
  readonly source: Rectangle;
  readonly destination: Rectangle;
  /**
   * If the whole picture is resized before the crop: its new size, and the crop's start in whole pixels of it. Then
   * `source` is the visible part of the picture, for information only.
   */
  readonly resized?: Rectangle;
}

/**
 * Fits a picture of `width` x `height` pixels to the input of the network.
 *
 * - `center`: the largest central rectangle with the input's proportions, shrunk by `cropFraction`, fills the input.
 *   For a square input its side is `cropFraction` of the picture's shorter side.
 * - `squash`: the whole picture fills the input; its proportions are lost.
 * - `pad`: the whole picture, in its own proportions, is centred in the input; the caller fills the rest. Its part is
 *   rounded to whole pixels, at least one.
 * - `aspect`: the largest central rectangle of whole pixels with the input's proportions, rounded down, fills the input.
 *   An odd remainder leaves one more row below. This is `keep_aspect_ratio` of Keras' `load_img`.
 */
export function place(width: number, height: number, to: Preprocessing): Placement {
  const whole = { x: 0, y: 0, width, height };
  const full = { x: 0, y: 0, width: to.width, height: to.height };
  if (to.crop === "squash") return { source: whole, destination: full };
  if (to.crop === "pad") {
    const scale = Math.min(to.width / width, to.height / height);
    const fitted = (size: number, limit: number) => Math.min(limit, Math.max(1, Math.round(size * scale)));
    const w = fitted(width, to.width);
    const h = fitted(height, to.height);
    const destination = { x: (to.width - w) >> 1, y: (to.height - h) >> 1, width: w, height: h };
    return { source: whole, destination };
  }
  if (to.crop === "aspect") {
    const w = Math.max(1, Math.min(width, Math.floor((height * to.width) / to.height)));
    const h = Math.max(1, Math.min(height, Math.floor((width * to.height) / to.width)));
    return { source: { x: (width - w) >> 1, y: (height - h) >> 1, width: w, height: h }, destination: full };
  }
  // Source pixels per input pixel.
  const scale = Math.min(width / to.width, height / to.height) * to.cropFraction;
  const w = to.width * scale;
  const h = to.height * scale;
  return { source: { x: (width - w) / 2, y: (height - h) / 2, width: w, height: h }, destination: full };
}
