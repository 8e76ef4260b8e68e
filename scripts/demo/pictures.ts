import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { classNames, folderOf, readClass, SIDE } from "./fashion-mnist.ts";

export interface DemoPicture {
  readonly path: string;
  /** Position in `classNames`. */
  readonly label: number;
  /** Grey pixels, row by row, for the baseline. */
  readonly pixels: Uint8Array;
  readonly png: Buffer;
}

/**
 * Writes `dir/<class>/<number>.png`: the last `perClass` products of each class, which belong to the test set, so no
 * network was trained on them.
 */
export async function writePictures(dir: string, perClass: number): Promise<DemoPicture[]> {
  const pictures: DemoPicture[] = [];
  for (const label of classNames.keys()) {
    const folder = join(dir, folderOf(label));
    await mkdir(folder, { recursive: true });
    const products = (await readClass(label, Infinity)).slice(-perClass);
    for (const [i, pixels] of products.entries()) {
      const png = await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 1 } })
        .png()
        .toBuffer();
      const path = join(folder, `${String(i).padStart(4, "0")}.png`);
      await writeFile(path, png);
      pictures.push({ path, label, pixels, png });
    }
  }
  return pictures;
}
