import type { Picture } from "mobilenets";

/** Sizes of the pictures that goldens of `teachable-machine` are about: wide, tall, small, and as large as the input. */
export const SIZES = [
  [171, 120],
  [97, 150],
  [40, 61],
  [96, 96],
] as const;

/** Waves of colour: no two rows or columns are equal, and halves differ, so that a wrong crop or flip shows. */
export function waves(width: number, height: number): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      data[at] = Math.round(127.5 + 127.5 * Math.sin(x / 9));
      data[at + 1] = Math.round(255 * (y / height));
      data[at + 2] = Math.round(127.5 + 127.5 * Math.cos((x * x + 2 * y * x) / 4000));
    }
  }
  return { data, width, height, channels: 3 };
}
