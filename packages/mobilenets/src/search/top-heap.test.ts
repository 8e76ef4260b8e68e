import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../random.ts";
import { TopHeap } from "./top-heap.ts";

test("keeps what a sort of all would put first, ties and all", () => {
  const next = random(7);
  for (let round = 0; round < 200; round++) {
    const size = Math.floor(next() * 40);
    const k = 1 + Math.floor(next() * 12);
    // Few distinct values, so that many are equal.
    const values = Array.from({ length: size }, () => Math.floor(next() * 5));
    const all = values.map((similarity, index) => ({ index, similarity }));
    const expected = [...all].sort((a, b) => b.similarity - a.similarity || a.index - b.index).slice(0, k);
    for (const order of [all, [...all].reverse()]) {
      const heap = new TopHeap(k);
      for (const { index, similarity } of order) heap.offer(index, similarity);
      assert.deepEqual(heap.ranked(), expected);
      assert.equal(heap.floor, size < k ? -Infinity : expected[k - 1].similarity);
    }
  }
});
