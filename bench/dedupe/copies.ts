// Makes disjoint crops of large photographs, and realistic copies of them, for the benchmark of `mobilenets dedupe`.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp, { type Region, type Sharp } from "sharp";
import { glob } from "tinyglobby";

export const KINDS = ["resized", "recompressed", "cropped", "brighter", "darker", "rotated", "mirrored"] as const;
export type Kind = (typeof KINDS)[number];

const [WIDTH, HEIGHT] = [224, 168];
/** Least standard deviation of the luminance; crops below it are sky or walls, which look alike. */
const LEAST_DEVIATION = 14;
/** The same at 1/16 of the size, where texture averages out. */
const LEAST_COARSE_DEVIATION = 8;

/** Least edges at 1/4 of the size: crops with only soft light look like copies. */
const LEAST_DETAIL = 3;

export interface Original {
  readonly name: string;
  readonly path: string;
}

/** Most pixels with the grey of their right neighbour, as a share: photographs have noise, flat drawings have not. */
const MOST_FLAT = 0.9;

/** Photographs of Debian's wallpaper packages, one JPEG per motif. Most drawings, which repeat, are PNG and WebP. */
export async function photographs(folder: string): Promise<string[]> {
  const files = await glob(["**/{wallpapers,nature,abstract}/**/*.jpg", "**/backgrounds/*.jpg"], {
    ...{ cwd: folder, absolute: true },
    // A small version of the same motif.
    ignore: "**/screenshot.jpg",
  });
  const motifs = new Map<string, string>();
  // The largest comes last.
  const largest = (a: string, b: string) => widthOf(a) - widthOf(b) || (a < b ? -1 : 1);
  for (const file of files.sort(largest)) {
    const motif = /wallpapers\/([^/]+)\//.exec(file)?.[1] ?? /([^/]+?)(_\d+x\d+|-[ld])?\.\w+$/.exec(file)![1];
    if (!/images_dark/.test(file)) motifs.set(motif, file);
  }
  return [...motifs.values()];
}

/** Width of a picture by its file's name. */
const widthOf = (file: string) => Number(/(\d+)x\d+\.\w+$/.exec(file)?.[1] ?? 0);

/** Writes at most `count` disjoint crops, with at most twice the average share from each photograph. */
export async function writeOriginals(folder: string, to: string, count: number): Promise<Original[]> {
  await mkdir(to, { recursive: true });
  const crops: { file: string; left: number; top: number }[][] = [];
  for (const file of await photographs(folder)) {
    const { width = 0, height = 0 } = await sharp(file).metadata();
    const list = [];
    // A gap between crops, so that a copy shows nothing of the neighbour.
    for (let top = 0; top + HEIGHT <= height; top += HEIGHT + 16) {
      for (let left = 0; left + WIDTH <= width; left += WIDTH + 16) list.push({ file, left, top });
    }
    if (list.length > 0) crops.push(list);
  }
  const originals: Original[] = [];
  const most = Math.ceil((2 * count) / Math.max(1, crops.length));
  for (const list of crops) {
    const before = originals.length;
    const raw = await sharp(list[0].file)
      .flatten({ background: "#fff" })
      .toColourspace("srgb")
      .raw()
      .toBuffer({ resolveWithObject: true });
    for (const { left, top } of list) {
      const { width, height, channels } = raw.info;
      const crop = sharp(raw.data, { raw: { width, height, channels } }).extract({
        left,
        top,
        width: WIDTH,
        height: HEIGHT,
      });
      const pixels = await crop.png({ compressionLevel: 1 }).toBuffer();
      if (!(await isDistinct(pixels))) continue;
      const name = String(originals.length).padStart(5, "0");
      const path = join(to, `${name}-original.jpg`);
      await sharp(pixels).jpeg({ quality: 92 }).toFile(path);
      originals.push({ name, path });
      if (originals.length >= count) return originals;
      if (originals.length - before >= most) break;
    }
  }
  return originals;
}

async function isDistinct(pixels: Buffer): Promise<boolean> {
  const deviation = async (size?: number) => {
    const grey = sharp(pixels).greyscale();
    const { channels } = await sharp(await (size ? grey.resize(size) : grey).png().toBuffer()).stats();
    return channels[0].stdev;
  };
  const { data } = await sharp(pixels).greyscale().resize(64, 48).raw().toBuffer({ resolveWithObject: true });
  const soft = await sharp(pixels).greyscale().resize(64, 48).blur(2).raw().toBuffer();
  const detail = Math.sqrt(data.reduce((sum, value, i) => sum + (value - soft[i]) ** 2, 0) / data.length);
  if (detail < LEAST_DETAIL || (await flatness(pixels)) > MOST_FLAT) return false;
  return (await deviation()) >= LEAST_DEVIATION && (await deviation(WIDTH / 16)) >= LEAST_COARSE_DEVIATION;
}

async function flatness(pixels: Buffer): Promise<number> {
  const grey = await sharp(pixels).greyscale().raw().toBuffer();
  return grey.reduce((count, value, i) => count + Number(value === grey[i + 1]), 0) / grey.length;
}

/** Writes a copy of each kind beside the original. */
export async function writeCopies(original: Original, to: string, kinds: readonly Kind[], seed: number): Promise<void> {
  for (const kind of kinds) {
    const copy = makers[kind](sharp(original.path), seed);
    await writeFile(join(to, `${original.name}-${kind}.jpg`), await copy.toBuffer());
  }
}

const makers: Readonly<Record<Kind, (image: Sharp, seed: number) => Sharp>> = {
  resized: (image, seed) => image.resize(Math.round(WIDTH * [0.5, 0.75, 1.5][seed % 3])).jpeg({ quality: 85 }),
  recompressed: (image, seed) => image.jpeg({ quality: [30, 50, 70][seed % 3] }),
  cropped: (image, seed) => image.extract(cropOf(seed)).jpeg({ quality: 85 }),
  brighter: (image, seed) => image.linear(1, 15 + (seed % 3) * 10).jpeg({ quality: 85 }),
  darker: (image, seed) => image.linear(0.85 - (seed % 3) * 0.1, 0).jpeg({ quality: 85 }),
  rotated: (image, seed) => image.rotate([90, 180, 270][seed % 3]).jpeg({ quality: 85 }),
  mirrored: (image, seed) => (seed % 2 ? image.flip() : image.flop()).jpeg({ quality: 85 }),
};

/** A crop of 5 % of each side, or of width and height in all, at one edge or around. */
function cropOf(seed: number): Region {
  const [x, y] = [0.05 * WIDTH, 0.05 * HEIGHT].map(Math.round);
  if (seed % 3 === 0) return { left: x, top: y, width: WIDTH - 2 * x, height: HEIGHT - 2 * y };
  if (seed % 3 === 1) return { left: x, top: 0, width: WIDTH - x, height: HEIGHT - y };
  return { left: 0, top: y, width: WIDTH, height: HEIGHT - y };
}
