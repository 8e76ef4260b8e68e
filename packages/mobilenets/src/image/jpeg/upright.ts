import type { Picture } from "../picture.ts";

/** EXIF orientations: whether columns become rows, and then which axes are mirrored. */
const orientations: Readonly<Record<number, readonly [swap: boolean, right: boolean, down: boolean]>> = {
  2: [false, true, false],
  3: [false, true, true],
  4: [false, false, true],
  5: [true, false, false],
  6: [true, true, false],
  7: [true, true, true],
  8: [true, false, true],
};

/** Turns a picture of three channels upright. @param orientation EXIF orientation, 1 to 8 */
export function upright(picture: Picture, orientation: number): Picture {
  const [swap, right, down] = orientations[orientation] ?? [false, false, false];
  if (!swap && !right && !down) return picture;
  const { data, width: w, height: h, extent = picture } = picture;
  const [width, height] = swap ? [h, w] : [w, h];
  const out = new Uint8Array(data.length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      const [a, b] = [right ? width - 1 - x : x, down ? height - 1 - y : y];
      const from = 3 * (swap ? a * w + b : b * w + a);
      out[to] = data[from]!;
      out[to + 1] = data[from + 1]!;
      out[to + 2] = data[from + 2]!;
    }
  }
  // A mirrored picture begins with the partial pixel that it ended with, which counts as a whole pixel.
  const [wide, high] = swap ? [extent.height, extent.width] : [extent.width, extent.height];
  return {
    ...{ data: out, width, height, channels: 3 },
    extent: { width: right ? width : wide, height: down ? height : high },
  };
}
