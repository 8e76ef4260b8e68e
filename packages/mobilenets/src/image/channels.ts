import type { Picture } from "./picture.ts";

/**
 * Writes `count` pixels of `picture`, from pixel index `first` on, as `channels` interleaved numbers 0..255.
 *
 * Alpha is flattened onto white, because the filter must not blend in invisible colours. Grey is repeated for a colour
 * network. Colour becomes grey by the luma weights of ITU-R BT.601, without rounding.
 */
export function readPixels(picture: Picture, first: number, count: number, channels: 1 | 3, out: Float64Array): void {
  const { data } = picture;
  const size = count * channels;
  let p = first * picture.channels;
  if (picture.channels === channels) {
    // `set` is several times faster than a loop.
    out.set(data.subarray(p, p + size));
  } else if (picture.channels === 1) {
    for (let i = 0; i < size; i += 3) out[i] = out[i + 1] = out[i + 2] = data[p++]!;
  } else if (picture.channels === 3) {
    for (let i = 0; i < size; i++, p += 3) out[i] = luma(data[p]!, data[p + 1]!, data[p + 2]!);
  } else if (channels === 3) {
    for (let i = 0; i < size; i += 3, p += 4) {
      const alpha = data[p + 3]!;
      out[i] = onWhite(data[p]!, alpha);
      out[i + 1] = onWhite(data[p + 1]!, alpha);
      out[i + 2] = onWhite(data[p + 2]!, alpha);
    }
  } else {
    // The order of flattening and luma does not matter: both are linear, and luma leaves white as it is.
    for (let i = 0; i < size; i++, p += 4) out[i] = onWhite(luma(data[p]!, data[p + 1]!, data[p + 2]!), data[p + 3]!);
  }
}

/** Opaque pixels, which are most, skip the division and give exactly the numbers of the picture without alpha. */
function onWhite(sample: number, alpha: number): number {
  return alpha === 255 ? sample : 255 + ((sample - 255) * alpha) / 255;
}

/** 0.299 red + 0.587 green + 0.114 blue, in a form that leaves grey exactly as it is. */
function luma(red: number, green: number, blue: number): number {
  return green + 0.299 * (red - green) + 0.114 * (blue - green);
}
