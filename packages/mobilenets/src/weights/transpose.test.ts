import assert from "node:assert/strict";
import { test } from "node:test";
import { tensor } from "../tensor.ts";
import { gather, rowMajor, transpose } from "./transpose.ts";

test("turns OIHW into HWIO and back", () => {
  // 2 filters of 3 channels and 1x2 pixels; the digits of an element are its indices `oihw`.
  const oihw = tensor([2, 3, 1, 2], [0, 1, 100, 101, 200, 201, 1000, 1001, 1100, 1101, 1200, 1201]);
  const hwio = transpose(oihw, [2, 3, 1, 0]);
  assert.deepEqual(hwio.shape, [1, 2, 3, 2]);
  assert.deepEqual([...hwio.data], [0, 1000, 100, 1100, 200, 1200, 1, 1001, 101, 1101, 201, 1201]);
  assert.deepEqual(transpose(hwio, [3, 2, 0, 1]), oihw);
});

test("leaves vectors, scalars and empty tensors as they are", () => {
  for (const t of [tensor([3], [1, 2, 3]), tensor([], [5]), tensor([0])]) {
    assert.deepEqual(
      transpose(
        t,
        t.shape.map((_, i) => i),
      ),
      t,
    );
  }
  assert.deepEqual(transpose(tensor([1e12, 0]), [1, 0]), tensor([0, 1e12]));
});

test("gathers what lies scattered", () => {
  const data = Float32Array.from({ length: 20 }, (_, i) => i);
  assert.deepEqual([...gather(data, [2, 3], [10, 2], 1)], [1, 3, 5, 11, 13, 15]);
  assert.deepEqual([...gather(data, [2, 2], [0, 1], 4)], [4, 5, 4, 5]);
  assert.deepEqual(rowMajor([2, 3, 4]), [12, 4, 1]);
});
