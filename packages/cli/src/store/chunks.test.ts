import assert from "node:assert/strict";
import { test } from "node:test";
import { cutChunks, sortedById } from "./chunks.ts";
import { toShard } from "./shard.ts";

const entries = (numbers: readonly number[]) =>
  sortedById(numbers.map((i) => ({ id: `photos/${String(i).padStart(6, "0")}.jpg` })));
const numbers = Array.from({ length: 5000 }, (_, i) => 2 * i);

test("all in their order, none larger than is allowed, few much smaller", () => {
  const chunks = cutChunks(entries(numbers), 100, "model");
  assert.deepEqual(
    chunks.flatMap((chunk) => chunk.entries),
    entries(numbers),
  );
  assert.ok(chunks.every((chunk) => chunk.entries.length <= 100));
  assert.ok(chunks.slice(0, -1).every((chunk) => chunk.entries.length >= 25));
  assert.ok(chunks.length < 100, `${chunks.length}`);
  assert.equal(new Set(chunks.map(({ name }) => name)).size, chunks.length);
});

test("a picture that comes or goes moves the borders near it alone", () => {
  const names = (list: readonly number[]) => new Set(cutChunks(entries(list), 100, "model").map(({ name }) => name));
  const before = names(numbers);
  for (const at of [0, 777, 2500, 4999]) {
    const more = names([...numbers, 2 * at + 1]);
    const less = names(numbers.filter((_, i) => i !== at));
    for (const after of [more, less]) {
      const moved = [...after].filter((name) => !before.has(name)).length;
      assert.ok(moved >= 1 && moved <= 8, `${moved} of ${after.size} parts are other ones`);
    }
  }
});

test("another model has other names", () => {
  const [a, b] = ["one", "two"].map((model) => cutChunks(entries(numbers), 1000, model).map(({ name }) => name));
  assert.ok(a.every((name) => !b.includes(name)));
});

test("shards count from 1", () => {
  assert.deepEqual(toShard("2/8"), { index: 1, count: 8 });
  for (const text of ["9/8", "0/8", "1/0", "1", "a/b", "-1/2"])
    assert.throws(() => toShard(text), /1\/8 to 8\/8/, text);
  assert.throws(() => toShard("0/8"), /add 1/);
});
