import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Rectangle } from "./crop.ts";
import { ownFitting } from "./fitting.ts";
import type { Picture } from "./picture.ts";
import type { Target } from "./resize.ts";

interface Golden {
  madeBy: string;
  cases: {
    from: [number, number, 1 | 3];
    box: [number, number, number, number];
    to: [number, number];
    step: number;
    values: number[];
  }[];
}
const golden: Golden = JSON.parse(
  readFileSync(new URL("../../../../test/golden/resize.json", import.meta.url), "utf8"),
);

/** The twin of `sample` in test/golden/make/resize.py. */
function sample(i: number): number {
  return (i * 73 + ((i * i) % 1009) + Math.floor(i / 7) * 11) % 256;
}

function picture(height: number, width: number, channels: 1 | 3): Picture {
  return { data: Uint8Array.from({ length: height * width * channels }, (_, i) => sample(i)), width, height, channels };
}

function resize(from: Picture, source: Rectangle, target: Target): void {
  const { width, height } = target;
  ownFitting.resize(from, { source, destination: { x: 0, y: 0, width, height } }, target);
}

function resized(from: Picture, source: Rectangle, width: number, height: number, channels: 1 | 3): Float32Array {
  const data = new Float32Array(width * height * channels).fill(Number.NaN);
  resize(from, source, { data, offset: 0, rowStride: width * channels, width, height, channels });
  return data;
}

function whole({ width, height }: Picture): Rectangle {
  return { x: 0, y: 0, width, height };
}

// Both sides round each of two sums to float32 once: they differ by at most one unit in the last place of 255, and one
// more if the first rounding differs.
const TOLERANCE = 2 * 255 * 2 ** -24;

for (const { from, box, to, step, values } of golden.cases) {
  test(`resize ${from.join("x")} [${box.join(", ")}] to ${to.join("x")} as Pillow does`, () => {
    const [left, top, right, bottom] = box;
    const source = { x: left, y: top, width: right - left, height: bottom - top };
    const got = resized(picture(...from), source, to[1], to[0], from[2]).filter((_, i) => i % step === 0);
    assert.equal(got.length, values.length);
    let worst = 0;
    for (let i = 0; i < values.length; i++) worst = Math.max(worst, Math.abs(got[i]! - values[i]!));
    assert.ok(worst <= TOLERANCE, `largest difference ${worst}`);
  });
}

test("halving weighs four pixels by 1/8, 3/8, 3/8, 1/8, and rescales at the edges", () => {
  const row: Picture = { data: Uint8Array.of(0, 80, 160, 40, 240, 8), width: 6, height: 1, channels: 1 };
  // The first output lacks the pixel of weight 1/8 to its left, so 3/8, 3/8, 1/8 become 3/7, 3/7, 1/7.
  const expected = [(3 * 0 + 3 * 80 + 160) / 7, (80 + 3 * 160 + 3 * 40 + 240) / 8, (40 + 3 * 240 + 3 * 8) / 7];
  assert.deepEqual(resized(row, whole(row), 3, 1, 1), Float32Array.from(expected));
});

test("doubling interpolates at quarters between pixel centres and repeats the edge", () => {
  const column: Picture = { data: Uint8Array.of(0, 100), width: 1, height: 2, channels: 1 };
  assert.deepEqual(resized(column, whole(column), 1, 4, 1), Float32Array.of(0, 25, 75, 100));
});

test("a picture of the target's size is copied", () => {
  const same = picture(5, 7, 3);
  assert.deepEqual(resized(same, whole(same), 7, 5, 3), Float32Array.from(same.data));
});

test("grey is repeated for a colour target", () => {
  const grey: Picture = { data: Uint8Array.of(10, 20), width: 2, height: 1, channels: 1 };
  assert.deepEqual(resized(grey, whole(grey), 2, 1, 3), Float32Array.of(10, 10, 10, 20, 20, 20));
});

test("colour becomes luma for a grey target", () => {
  const data = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 90, 90, 90);
  const colours: Picture = { data, width: 4, height: 1, channels: 3 };
  const expected = Float32Array.of(0.299 * 255, 0.587 * 255, 0.114 * 255, 90);
  assert.deepEqual(resized(colours, whole(colours), 4, 1, 1), expected);
});

test("grey stored as colour gives the bits of grey, for both kinds of target", () => {
  const grey = picture(16, 16, 1);
  const data = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => grey.data[Math.floor(i / 3)]!);
  const colour: Picture = { data, width: 16, height: 16, channels: 3 };
  const source = { x: 2, y: 1, width: 11, height: 13 };
  for (const channels of [3, 1] as const) {
    for (const size of [5, 40]) {
      assert.deepEqual(resized(colour, source, size, size, channels), resized(grey, source, size, size, channels));
    }
  }
});

test("alpha is flattened onto white before filtering", () => {
  // Transparent black beside opaque black: filtering before flattening would give less than half grey.
  const data = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 255, 100, 200, 0, 51, 100, 200, 0, 255);
  const picture: Picture = { data, width: 4, height: 1, channels: 4 };
  const flat = [255, 255, 255, 0, 0, 0, 224, 244, 204, 100, 200, 0];
  assert.deepEqual(resized(picture, whole(picture), 4, 1, 3), Float32Array.from(flat));
  const opaque: Picture = { data: Uint8Array.from(flat), width: 4, height: 1, channels: 3 };
  assert.deepEqual(resized(picture, whole(picture), 2, 1, 3), resized(opaque, whole(opaque), 2, 1, 3));
  // For grey the order of flattening and luma is swapped: equal except for rounding.
  const grey = resized(picture, whole(picture), 2, 1, 1);
  const greyOfFlat = resized(opaque, whole(opaque), 2, 1, 1);
  for (let i = 0; i < 2; i++) assert.ok(Math.abs(grey[i]! - greyOfFlat[i]!) <= TOLERANCE);
});

test("RGBA without transparency gives the bits of RGB", () => {
  const rgb = picture(33, 47, 3);
  const data = new Uint8ClampedArray(33 * 47 * 4).fill(255);
  for (let i = 0; i < 33 * 47; i++) data.set(rgb.data.subarray(i * 3, i * 3 + 3), i * 4);
  const rgba: Picture = { data, width: 47, height: 33, channels: 4 };
  const source = { x: 3.3, y: 2.2, width: 40.1, height: 28.7 };
  for (const channels of [3, 1] as const) {
    assert.deepEqual(resized(rgba, source, 19, 23, channels), resized(rgb, source, 19, 23, channels));
  }
});

test("only the target's block is written", () => {
  const data = new Float32Array(20).fill(-1);
  const grey: Picture = { data: Uint8Array.of(7), width: 1, height: 1, channels: 1 };
  resize(grey, whole(grey), { data, offset: 6, rowStride: 5, width: 2, height: 2, channels: 1 });
  assert.deepEqual([...data], [-1, -1, -1, -1, -1, -1, 7, 7, -1, -1, -1, 7, 7, -1, -1, -1, -1, -1, -1, -1]);
});

test("only the rectangle's pixels and those the filter reaches are read", () => {
  const small = picture(4, 4, 3);
  const data = new Uint8Array(50 * 50 * 3);
  for (let y = 0; y < 4; y++) data.set(small.data.subarray(y * 12, y * 12 + 12), ((20 + y) * 50 + 30) * 3);
  const read = new Set<number>();
  const spy: Picture = { data, width: 50, height: 50, channels: 3 };
  const subarray = data.subarray.bind(data);
  data.subarray = (begin, end) => {
    for (let i = begin!; i < end!; i++) read.add(i);
    return subarray(begin, end);
  };
  resized(spy, { x: 31, y: 21, width: 2, height: 2 }, 2, 2, 3);
  const pixels = [...read].map((i) => Math.floor(i / 3));
  assert.ok(
    pixels.every((p) => p % 50 >= 30 && p % 50 < 34 && p >= 20 * 50 && p < 24 * 50),
    `${pixels}`,
  );
});
