import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../random.ts";
import { type Lifetime, placeBuffers, placeInOrder, placeTightly } from "./arena.ts";

const until = (first: number, last: number, bytes: number): Lifetime => ({ first, last, bytes });

function assertDisjoint(buffers: readonly Lifetime[], { offsets, bytes }: ReturnType<typeof placeBuffers>): void {
  buffers.forEach((a, i) => {
    assert.equal(offsets[i] % 64, 0);
    assert.ok(offsets[i] >= 0 && offsets[i] + a.bytes <= bytes);
    buffers.slice(i + 1).forEach((b, j) => {
      const apart = a.last < b.first || b.last < a.first;
      const [at, other] = [offsets[i], offsets[i + 1 + j]];
      assert.ok(apart || at + a.bytes <= other || other + b.bytes <= at, `${i} and ${i + 1 + j} overlap`);
    });
  });
}

test("buffers alive at the same time never overlap", () => {
  for (let seed = 0; seed < 200; seed++) {
    const next = random(seed);
    const buffers = Array.from({ length: 1 + Math.floor(next() * 30) }, () => {
      const first = Math.floor(next() * 20) - 1;
      return until(first, first + Math.floor(next() * 6), Math.floor(next() * 1000));
    });
    assertDisjoint(buffers, placeInOrder(buffers));
    const placed = placeBuffers(buffers);
    assertDisjoint(buffers, placed);
    assert.deepEqual(placed, placeTightly(buffers));
    const sum = buffers.reduce((total, { bytes }) => total + Math.ceil(bytes / 64) * 64, 0);
    assert.ok(placed.bytes <= sum);
  }
});

test("a buffer that is read in the step where another is written stays beside it", () => {
  const { offsets, bytes } = placeBuffers([until(0, 3, 64), until(3, 5, 64)]);
  assert.deepEqual([...offsets].sort(), [0, 64]);
  assert.equal(bytes, 128);
});

test("a buffer takes the place of one that is dead", () => {
  assert.deepEqual(placeBuffers([until(0, 2, 100), until(3, 5, 100)]), { offsets: [0, 0], bytes: 128 });
});

test("a buffer goes into the lowest gap that holds it", () => {
  // The second is dead before the fourth begins, and leaves 320 bytes between the first and the third.
  const three = [until(0, 9, 640), until(0, 3, 320), until(0, 9, 256)];
  assert.deepEqual(placeBuffers([...three, until(5, 9, 192)]), { offsets: [0, 640, 960, 640], bytes: 1216 });
  // Two buffers of 192 bytes do not fit there.
  const { offsets } = placeBuffers([...three, until(5, 9, 192), until(5, 9, 192)]);
  assert.deepEqual(offsets, [0, 640, 960, 640, 1216]);
});

test("of very many, each takes the place of a dead one of its size", () => {
  const chain = Array.from({ length: 100_000 }, (_, i) => until(i, i + 1, i % 2 === 0 ? 640 : 100));
  const { offsets, bytes } = placeBuffers(chain);
  assert.equal(bytes, 640 + 128);
  assert.equal(new Set(offsets).size, 2);
});

test("no buffers need no memory", () => {
  assert.deepEqual(placeBuffers([]), { offsets: [], bytes: 0 });
});
