import assert from "node:assert/strict";
import { test } from "node:test";
import { chunksFor } from "./chunks.ts";

test("one thread takes every step whole", () => {
  assert.equal(chunksFor(1e9, 1), 1);
});

test("small steps are not cut, large ones into four per thread, what is between evenly", () => {
  assert.equal(chunksFor(0, 2), 1);
  assert.equal(chunksFor(20_000, 2), 1);
  assert.equal(chunksFor(1e9, 2), 8);
  assert.equal(chunksFor(1e9, 3), 12);
  assert.equal(chunksFor(1e9, 6), 12);
  assert.equal(chunksFor(1e9, 40), 16);
  for (let work = 0; work < 1e6; work += 7_001) {
    for (const threads of [2, 3, 4]) {
      const chunks = chunksFor(work, threads);
      assert.ok(chunks <= threads || chunks % threads === 0, `${work} ${threads}: ${chunks}`);
    }
  }
});
