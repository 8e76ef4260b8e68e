import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../errors.ts";
import { cosine } from "./cosine.ts";

test("the cosine of the angle, whatever the lengths", () => {
  assert.equal(cosine([1, 0], [5, 0]), 1);
  assert.equal(cosine([1, 0], [0, 3]), 0);
  assert.equal(cosine([2, 1], [-4, -2]), -1);
  assert.ok(Math.abs(cosine([1, 0, 0], [1, 1, 0]) - Math.SQRT1_2) < 1e-15);
  assert.equal(cosine(Float32Array.of(3, 4), [4, 3]), 24 / 25);
});

test("equal vectors give exactly 1, and none more than 1", () => {
  for (let dim = 1; dim < 200; dim++) {
    const vector = Float32Array.from({ length: dim }, (_, i) => Math.sin(dim + i * i));
    assert.equal(cosine(vector, vector.slice()), 1);
    const scaled = vector.map((x) => x * 3.7);
    assert.ok(cosine(vector, scaled) <= 1);
  }
});

test("a vector of zeros is like nothing", () => {
  assert.equal(cosine([0, 0], [1, 2]), 0);
  assert.equal(cosine([0, 0], [0, 0]), 0);
});

test("sums are float64: small terms do not get lost beside large ones", () => {
  const large = Float32Array.from({ length: 10_001 }, (_, i) => (i === 0 ? 1e4 : 1e-2));
  const first = Float32Array.from({ length: 10_001 }, (_, i) => (i === 0 ? 1 : 0));
  // With float32 sums, the 10,000 squares of 1e-4 would vanish beside 1e8.
  const expected = 1e4 / Math.sqrt(1e8 + 10_000 * Math.fround(1e-2) ** 2);
  assert.ok(1 - expected > 4e-9);
  assert.ok(Math.abs(cosine(large, first) - expected) < 1e-12);
});

test("the smallest and largest float32 numbers are in range", () => {
  const smallest = Float32Array.of(1.4e-45, 1.4e-45);
  const largest = Float32Array.of(3.4e38, -3.4e38);
  assert.equal(cosine(smallest, smallest), 1);
  assert.equal(cosine(largest, largest), 1);
  assert.equal(cosine(smallest, largest), 0);
});

test("what is no number gives none", () => {
  assert.ok(Number.isNaN(cosine([Number.NaN, 1], [1, 1])));
  assert.ok(Number.isNaN(cosine([Infinity, 1], [1, 1])));
});

test("vectors that do not go together are refused", () => {
  assert.throws(() => cosine([1, 2], [1, 2, 3]), {
    name: "OptionError",
    message: "cosine: vectors of 2 and 3 numbers, expected equal lengths: are both of one network and layer?",
  });
  assert.throws(() => cosine(null as never, [1]), OptionError);
  assert.throws(() => cosine([1], "1" as never), { message: 'cosine: b: "1", expected an array of numbers' });
});
