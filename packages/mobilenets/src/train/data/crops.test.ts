import assert from "node:assert/strict";
import { test } from "node:test";
import type { Picture } from "../../image/picture.ts";
import { random } from "../../random.ts";
import { randomResizedCrop, randomShift, shift } from "./crops.ts";

const to = { height: 32, width: 32, channels: 1, crop: "center", cropFraction: 0.5, mean: [0], std: [1] } as const;
const empty = (width: number, height: number): Picture => {
  return { data: new Uint8Array(width * height), width, height, channels: 1 };
};

test("random resized crops keep to their ranges and fill them", () => {
  const picture = empty(200, 150);
  const next = random(2);
  const areas: number[] = [];
  const ratios: number[] = [];
  for (let i = 0; i < 2000; i++) {
    const { source, destination } = randomResizedCrop(picture, { scale: [0.2, 0.6], ratio: [0.5, 2] }, to, next);
    assert.deepEqual(destination, { x: 0, y: 0, width: 32, height: 32 });
    const { x, y, width, height } = source;
    assert.ok(x >= 0 && y >= 0 && x + width <= 200 && y + height <= 150);
    areas.push((width * height) / 30_000);
    ratios.push(width / height);
  }
  // Rounded to whole pixels.
  assert.ok(Math.min(...areas) > 0.19 && Math.min(...areas) < 0.21);
  assert.ok(Math.max(...areas) > 0.58 && Math.max(...areas) < 0.61);
  assert.ok(Math.min(...ratios) > 0.49 && Math.min(...ratios) < 0.52);
  assert.ok(Math.max(...ratios) > 1.95 && Math.max(...ratios) < 2.02);
});

test("the ratio is relative to that of the input", () => {
  const wide = { ...to, width: 64 };
  const { source } = randomResizedCrop(empty(400, 400), { scale: [0.1, 0.1], ratio: [1, 1] }, wide, random(1));
  assert.ok(Math.abs(source.width / source.height - 2) < 0.02, `${source.width}x${source.height}`);
});

test("if nothing drawn fits, the middle is taken", () => {
  const { source } = randomResizedCrop(empty(100, 10), { scale: [1, 1], ratio: [1, 1] }, to, random(1));
  assert.deepEqual(source, { x: 45, y: 0, width: 10, height: 10 });
});

test("a shift moves the picture and repeats its edge", () => {
  const picture: Picture = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 3, height: 2, channels: 1 };
  assert.deepEqual([...shift(picture, 1, 0).data], [1, 1, 2, 4, 4, 5]);
  assert.deepEqual([...shift(picture, -2, -1).data], [6, 6, 6, 6, 6, 6]);
  assert.deepEqual([...shift(picture, 0, 1).data], [1, 2, 3, 1, 2, 3]);
  const colour: Picture = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 2, height: 1, channels: 3 };
  assert.deepEqual([...shift(colour, 1, 0).data], [1, 2, 3, 1, 2, 3]);
});

test("random shifts take every offset up to the share, in both directions", () => {
  const data = new Uint8Array(100);
  data[55] = 1;
  const picture: Picture = { data, width: 10, height: 10, channels: 1 };
  const next = random(6);
  const seen = new Set<string>();
  for (let i = 0; i < 1000; i++) {
    const at = randomShift(picture, 0.2, next).data.indexOf(1);
    seen.add(`${(at % 10) - 5},${Math.floor(at / 10) - 5}`);
  }
  const all = [-2, -1, 0, 1, 2].flatMap((x) => [-2, -1, 0, 1, 2].map((y) => `${x},${y}`));
  assert.deepEqual([...seen].sort(), all.sort());
});
