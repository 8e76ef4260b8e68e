import assert from "node:assert/strict";
import { test } from "node:test";
import { roundUp } from "../round-up.ts";
import {
  bytesOf,
  channelBytes,
  isAligned,
  isFramed,
  layoutOf,
  numberTypeOf,
  originOf,
  pitchOf,
  spread,
  stepOf,
  vectorsOf,
} from "./layout.ts";

test("a map's addresses, worked out by hand", () => {
  const map = layoutOf([1, 5, 7, 3], { top: 1, bottom: 2, left: 3, right: 4 });
  // 3 channels take the space of 4 floats.
  assert.equal(stepOf(map), 16);
  // 3 + 7 + 4 pixels per row.
  assert.equal(pitchOf(map), 14 * 16);
  assert.equal(originOf(map), 14 * 16 + 3 * 16);
  // 1 + 5 + 2 rows.
  assert.equal(bytesOf(map), 8 * 14 * 16);
  assert.equal(isFramed(map), true);
});

test("a picture that comes in densely has no room between pixels", () => {
  const map = layoutOf([1, 5, 7, 3], undefined, 3);
  assert.deepEqual([stepOf(map), pitchOf(map), originOf(map), bytesOf(map)], [12, 84, 0, 420]);
  assert.equal(isFramed(map), false);
});

test("values of other ranks are maps too", () => {
  const sizes = (shape: number[]) => {
    const { height, width, channels, cs } = layoutOf(shape);
    return [height, width, channels, cs];
  };
  assert.deepEqual(sizes([1, 10]), [1, 1, 10, 12]);
  assert.deepEqual(sizes([1, 6, 10]), [1, 6, 10, 12]);
  assert.deepEqual(sizes([1, 2, 3, 4, 5]), [6, 4, 5, 8]);
});

const bytes = numberTypeOf({ dtype: "int8", quantization: { scales: [0.5], zeroPoints: [-128] } });

test("bytes take a quarter of the room of floats, and whole vectors too", () => {
  const map = layoutOf([2, 5, 7, 20], { top: 1, bottom: 2, left: 3, right: 4 }, undefined, bytes);
  assert.deepEqual([map.cs, stepOf(map), channelBytes(map), isAligned(map)], [32, 32, 32, true]);
  assert.deepEqual([pitchOf(map), bytesOf(map)], [14 * 32, 2 * 8 * 14 * 32]);
  assert.equal(vectorsOf(map), 2 * 5 * 7 * 2);
  assert.deepEqual([bytes, map.zero], [{ element: 1, zero: -128 }, -128]);
  const picture = layoutOf([1, 5, 7, 3], undefined, 3, bytes);
  assert.deepEqual([stepOf(picture), channelBytes(picture), isAligned(picture)], [3, 16, false]);
  const floats = layoutOf([1, 5, 7, 3]);
  assert.deepEqual([floats.element, channelBytes(floats), vectorsOf(floats)], [4, 16, 35]);
});

test("a frame on any one side counts", () => {
  for (const side of ["top", "bottom", "left", "right"]) {
    const frame = { top: 0, bottom: 0, left: 0, right: 0, [side]: 1 };
    assert.equal(isFramed(layoutOf([1, 2, 2, 4], frame)), true);
  }
});

test("rounding up", () => {
  assert.deepEqual(
    [0, 1, 4, 5].map((n) => roundUp(n, 4)),
    [0, 4, 4, 8],
  );
});

test("spread pixels lie an odd number of cache lines apart", () => {
  for (const element of [1, 4]) {
    const stepsOf = (bytes: number) => {
      const map = layoutOf([1, 2, 2, bytes / element], undefined, undefined, { element, zero: 0 });
      return [stepOf(map), stepOf(spread(map))];
    };
    for (const bytes of [256, 384, 512, 2048, 3840, 4096]) {
      const [before, after] = stepsOf(bytes);
      assert.ok(before === bytes && after >= before);
      assert.equal((after / 64) % 2, 1, `${bytes}`);
    }
    for (const bytes of [16, 64, 128, 192, 288, 960, 4032]) assert.deepEqual(stepsOf(bytes), [bytes, bytes]);
  }
});
