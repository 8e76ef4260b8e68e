import type { Picture } from "./picture.ts";

/** Rows of a picture as bytes, with 1 or 3 channels. */
export interface SampleRows {
  /** The row's samples; a converted row overwrites the last. */
  readonly data: Uint8Array | Uint8ClampedArray;
  /** @returns the start of row `y` in `data` */
  at(y: number): number;
}

/**
 * Bytes as Pillow converts them: `convert("L")` has its fixed-point luma. Alpha is flattened onto white, as everywhere in
 * this package. A picture that already has the channels is not copied.
 */
export function sampleRows(picture: Picture, channels: 1 | 3): SampleRows {
  const { width, data } = picture;
  const stride = width * picture.channels;
  if (picture.channels === channels) return { data, at: (y) => y * stride };
  const row = new Uint8Array(width * channels);
  const at = (y: number) => {
    convert(picture, y * stride, channels, row);
    return 0;
  };
  return { data: row, at };
}

function convert({ data, channels: from }: Picture, p: number, channels: 1 | 3, row: Uint8Array): void {
  for (let i = 0; i < row.length; i += channels, p += from) {
    let red = data[p]!;
    let green = from === 1 ? red : data[p + 1]!;
    let blue = from === 1 ? red : data[p + 2]!;
    if (from === 4 && data[p + 3] !== 255) {
      const alpha = data[p + 3]!;
      red = onWhite(red, alpha);
      green = onWhite(green, alpha);
      blue = onWhite(blue, alpha);
    }
    if (channels === 1) {
      row[i] = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
    } else {
      row[i] = red;
      row[i + 1] = green;
      row[i + 2] = blue;
    }
  }
}

function onWhite(sample: number, alpha: number): number {
  return Math.round(255 + ((sample - 255) * alpha) / 255);
}
