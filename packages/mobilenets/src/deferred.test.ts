import assert from "node:assert/strict";
import { test } from "node:test";
import { deferred, derived, isDeferred, reshaped, scaled } from "./deferred.ts";
import { realsOf } from "./tensor.ts";
import { transpose } from "./weights/transpose.ts";

/** 5,000 numbers, and a count of how often they were made. */
function counted() {
  let made = 0;
  const tensor = deferred([50, 100], () => {
    made++;
    return Float32Array.from({ length: 5000 }, (_, i) => i);
  });
  return { tensor, made: () => made };
}

test("numbers are made when they are asked for, and once in a loop over one tensor", () => {
  const { tensor, made } = counted();
  assert.equal(made(), 0);
  let sum = 0;
  for (let i = 0; i < 5000; i++) sum += tensor.data[i];
  assert.equal(sum, (4999 * 5000) / 2);
  assert.equal(made(), 1);
  counted().tensor.data.at(0);
  assert.equal(tensor.data[4999], 4999);
  assert.equal(made(), 2);
});

test("what is made of such a tensor waits as well; a copy does not", () => {
  const { tensor, made } = counted();
  const turned = transpose(reshaped(tensor, [100, 50]), [1, 0]);
  const doubled = derived(turned, turned.shape, (data) => data.map((x) => 2 * x));
  assert.ok(isDeferred(turned) && isDeferred(doubled));
  assert.equal(made(), 0);
  assert.deepEqual([...doubled.data.subarray(0, 3)], [0, 100, 200]);
  assert.equal(made(), 1);
  assert.equal(isDeferred({ ...tensor }), false);
});

test("scales are those of the last dimension", () => {
  const { tensor, made } = counted();
  const scales = Float64Array.from({ length: 100 }, (_, c) => c);
  const one = scaled(tensor, scales);
  assert.equal(made(), 0);
  assert.deepEqual([...realsOf(one).subarray(100, 103)], [0, 101, 204]);
  assert.equal(made(), 1);
});

test("small tensors are made at once", () => {
  const tensor = deferred([2], () => Float32Array.of(1, 2));
  assert.equal(isDeferred(tensor), false);
  assert.deepEqual(tensor, { data: Float32Array.of(1, 2), shape: [2] });
});
