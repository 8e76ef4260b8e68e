import { availableParallelism } from "node:os";
import sharp from "sharp";
import { smallCopy } from "../html/thumbnail.ts";
import { mapAhead } from "../pictures/map-ahead.ts";
import type { Tick } from "./neighbours.ts";

/** Atlases: pictures that contain the small pictures of a map. */

/** Pictures along a side of an atlas. */
export const PER_SIDE = 16;
const PER_ATLAS = PER_SIDE ** 2;

/** Sizes and colours of the small pictures, in their order. */
export interface SmallPictures {
  /** `[pictures, 2]`: width and height in pixels. 0 for an unreadable picture. */
  readonly sizes: Uint8Array;
  /** `[pictures, 3]`: red, green and blue of the mean colour. */
  readonly colours: Uint8Array;
  readonly missing: number;
}

/**
 * Writes atlases: larger pictures of small pictures side by side, which a browser loads as one. Picture `i` lies in
 * atlas `floor(i / 256)`, at the upper left of its cell.
 * @param cell side of a cell, in pixels
 * @param put called with one atlas after the other, as WebP
 */
export async function writeAtlases(
  paths: readonly string[],
  cell: number,
  put: (webp: Buffer) => Promise<void>,
  tick: Tick,
): Promise<SmallPictures> {
  const sizes = new Uint8Array(2 * paths.length);
  const colours = new Uint8Array(3 * paths.length).fill(128);
  const side = PER_SIDE * cell;
  let missing = 0;
  let atlas = Buffer.alloc(3 * side * side, 128);
  const copies = mapAhead(paths, (path) => smallPicture(path, cell), 4 * availableParallelism());
  let i = 0;
  for await (const copy of copies) {
    await tick(i);
    if (copy) {
      const { data, width, height } = copy;
      const place = i % PER_ATLAS;
      const corner = 3 * cell * (Math.floor(place / PER_SIDE) * side + (place % PER_SIDE));
      for (let y = 0; y < height; y++) data.copy(atlas, corner + 3 * y * side, 3 * y * width, 3 * (y + 1) * width);
      sizes.set([width, height], 2 * i);
      colours.set(meanColour(data), 3 * i);
    } else missing++;
    i++;
    if (i % PER_ATLAS !== 0 && i < paths.length) continue;
    // The last atlas ends below its last row.
    const rows = Math.ceil((((i - 1) % PER_ATLAS) + 1) / PER_SIDE);
    const raw = { width: side, height: rows * cell, channels: 3 } as const;
    await put(
      await sharp(atlas.subarray(0, 3 * side * rows * cell), { raw })
        .webp({ quality: 70, effort: 2 })
        .toBuffer(),
    );
    atlas = Buffer.alloc(3 * side * side, 128);
  }
  return { sizes, colours, missing };
}

/** Reads RGB samples, with white behind transparent parts. */
async function smallPicture(path: string, pixels: number) {
  const copy = await smallCopy(path, pixels, (image) =>
    image
      .flatten({ background: "white" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true }),
  );
  return copy && { data: copy.data, width: copy.info.width, height: copy.info.height };
}

function meanColour(data: Buffer): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < data.length; i++) sums[i % 3] += data[i];
  return sums.map((sum) => Math.round((3 * sum) / data.length)) as [number, number, number];
}
