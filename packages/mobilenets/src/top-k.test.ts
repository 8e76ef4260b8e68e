import assert from "node:assert/strict";
import { test } from "node:test";
import { topK } from "./top-k.ts";

test("gives the largest first, with their positions", () => {
  assert.deepEqual(topK(Float32Array.of(0.25, 4, -1, 2), 2), [
    { index: 1, value: 4 },
    { index: 3, value: 2 },
  ]);
});

test("keeps the order of equal values", () => {
  assert.deepEqual(
    topK(Float32Array.of(1, 3, 3, 1, 3), 4).map(({ index }) => index),
    [1, 2, 4, 0],
  );
});

test("gives all there are when asked for more, and none for none", () => {
  assert.equal(topK(Float32Array.of(1, 2), 10).length, 2);
  assert.deepEqual(topK(Float32Array.of(1, 2), 0), []);
});
