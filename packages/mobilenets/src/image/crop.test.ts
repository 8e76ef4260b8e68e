import assert from "node:assert/strict";
import { test } from "node:test";
import { place } from "./crop.ts";
import type { Preprocessing } from "./preprocessing.ts";

function input(width: number, height: number, crop: Preprocessing["crop"], cropFraction = 0.875): Preprocessing {
  return { width, height, channels: 3, crop, cropFraction, mean: [0, 0, 0], std: [1, 1, 1] };
}

test("center keeps 7/8 of the shorter side", () => {
  const { source, destination } = place(1280, 720, input(224, 224, "center"));
  assert.deepEqual(source, { x: 325, y: 45, width: 630, height: 630 });
  assert.deepEqual(destination, { x: 0, y: 0, width: 224, height: 224 });
  assert.deepEqual(place(720, 1280, input(224, 224, "center")).source, { x: 45, y: 325, width: 630, height: 630 });
});

test("center keeps the input's proportions when it is not square", () => {
  // 2:1 inside 1000 x 1000: 1000 x 500, times 7/8.
  assert.deepEqual(place(1000, 1000, input(200, 100, "center")).source, {
    x: 62.5,
    y: 281.25,
    width: 875,
    height: 437.5,
  });
  // 1:2 inside 300 x 100: 50 x 100, times 1/2.
  assert.deepEqual(place(300, 100, input(96, 192, "center", 0.5)).source, { x: 137.5, y: 25, width: 25, height: 50 });
});

test("center works on one pixel and on a line", () => {
  const pixel = { x: 0.0625, y: 0.0625, width: 0.875, height: 0.875 };
  assert.deepEqual(place(1, 1, input(224, 224, "center")).source, pixel);
  const { source } = place(10000, 1, input(224, 224, "center"));
  assert.deepEqual(source, { ...pixel, x: 4999.5625 });
});

test("squash takes the whole picture", () => {
  assert.deepEqual(place(640, 480, input(224, 160, "squash")), {
    source: { x: 0, y: 0, width: 640, height: 480 },
    destination: { x: 0, y: 0, width: 224, height: 160 },
  });
});

test("pad centres the whole picture in its own proportions", () => {
  assert.deepEqual(place(1280, 720, input(224, 224, "pad")), {
    source: { x: 0, y: 0, width: 1280, height: 720 },
    destination: { x: 0, y: 49, width: 224, height: 126 },
  });
  assert.deepEqual(place(50, 100, input(64, 64, "pad")).destination, { x: 16, y: 0, width: 32, height: 64 });
  // An odd remainder leaves one more row below.
  assert.deepEqual(place(224, 221, input(224, 224, "pad")).destination, { x: 0, y: 1, width: 224, height: 221 });
});

test("pad gives an extreme picture at least one row or column", () => {
  assert.deepEqual(place(10000, 1, input(224, 224, "pad")).destination, { x: 0, y: 111, width: 224, height: 1 });
  assert.deepEqual(place(3, 9000, input(96, 64, "pad")).destination, { x: 47, y: 0, width: 1, height: 64 });
  assert.deepEqual(place(1, 1, input(96, 64, "pad")).destination, { x: 16, y: 0, width: 64, height: 64 });
});
