import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";

/** A drawing in a colour, around a point. */
const shapes: Readonly<Record<string, (color: string, x: number, y: number, r: number) => string>> = {
  circle: (color, x, y, r) => `<circle cx="${x}" cy="${y}" r="${r}" fill="${color}"/>`,
  square: (color, x, y, r) => `<rect x="${x - r}" y="${y - r}" width="${2 * r}" height="${2 * r}" fill="${color}"/>`,
  cross: (color, x, y, r) =>
    `<path d="M${x - r} ${y - r}l${2 * r} ${2 * r}m${-2 * r} 0l${2 * r} ${-2 * r}" stroke="${color}" stroke-width="4"/>`,
};

/** Hues apart, so that few steps suffice to tell them. */
const hues: Readonly<Record<string, number>> = { circle: 0, square: 120, cross: 240 };

/** A folder per class with `n` pictures of 32x32 pixels, the same each time. */
export async function writeShapes(
  dir: string,
  n: number,
  names: readonly string[] = ["circle", "square"],
): Promise<void> {
  let state = 1;
  const next = (least: number, most: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.round(least + ((most - least) * state) / 2 ** 32);
  };
  for (const name of names) {
    await mkdir(join(dir, name), { recursive: true });
    for (let i = 0; i < n; i++) {
      const color = `hsl(${hues[name] + next(0, 50)} 75% 45%)`;
      const shape = shapes[name](color, next(11, 21), next(11, 21), next(6, 9));
      const ground = `<rect width="32" height="32" fill="hsl(0 0% ${next(75, 100)}%)"/>`;
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32">${ground}${shape}</svg>`;
      await sharp(Buffer.from(svg))
        .png()
        .toFile(join(dir, name, `${i}.png`));
    }
  }
}
