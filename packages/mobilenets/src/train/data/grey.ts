import type { Picture } from "../../image/picture.ts";

/**
 * The same picture with one channel, if it is entirely grey and opaque. Decoders give colour for all pictures; one channel
 * takes a third of the memory and work, and gives the network's input the same bits.
 */
export function withoutColour(picture: Picture): Picture {
  const { data, width, height, channels } = picture;
  if (channels === 1) return picture;
  for (let i = 0; i < data.length; i += channels) {
    const sample = data[i];
    if (data[i + 1] !== sample || data[i + 2] !== sample) return picture;
    if (channels === 4 && data[i + 3] !== 255) return picture;
  }
  const grey = new Uint8Array(width * height);
  for (let i = 0, p = 0; p < data.length; p += channels) grey[i++] = data[p]!;
  return { data: grey, width, height, channels: 1 };
}
