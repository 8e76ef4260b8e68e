import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { random } from "../../packages/mobilenets/src/random.ts";
import { classNames, folderOf, readClass, SIDE } from "./fashion-mnist.ts";

/** The pictures as they are, and the same with the product somewhere on a larger canvas, as on a photograph. */
export const sets = ["centred", "moved"] as const;
export type PictureSet = (typeof sets)[number];

/** Half as wide again as the product: room to move by 7 pixels each way. */
const CANVAS = 42;

export interface DemoPicture {
  readonly path: string;
  readonly set: PictureSet;
  /** Position in `classNames`. */
  readonly label: number;
  /** Grey, row by row: what the baseline compares. */
  readonly pixels: Uint8Array;
  readonly png: Buffer;
}

/** Writes `dir/<set>/<class>/<number>.png`, `perClass` of each; the same pictures at the same places every time. */
export async function writePictures(dir: string, perClass: number): Promise<DemoPicture[]> {
  const pictures: DemoPicture[] = [];
  const next = random(1);
  const offset = () => Math.floor(next() * (CANVAS - SIDE + 1));
  for (const label of classNames.keys()) {
    for (const set of sets) await mkdir(join(dir, set, folderOf(label)), { recursive: true });
    for (const [i, product] of (await readClass(label, perClass)).entries()) {
      for (const set of sets) {
        const side = set === "centred" ? SIDE : CANVAS;
        const pixels = set === "centred" ? product : placed(product, offset(), offset());
        const png = await sharp(pixels, { raw: { width: side, height: side, channels: 1 } })
          .png()
          .toBuffer();
        const path = join(dir, set, folderOf(label), `${String(i).padStart(4, "0")}.png`);
        await writeFile(path, png);
        pictures.push({ path, set, label, pixels, png });
      }
    }
  }
  return pictures;
}

function placed(product: Uint8Array, left: number, top: number): Uint8Array {
  const canvas = new Uint8Array(CANVAS * CANVAS);
  for (let y = 0; y < SIDE; y++) {
    canvas.set(product.subarray(y * SIDE, (y + 1) * SIDE), (top + y) * CANVAS + left);
  }
  return canvas;
}
