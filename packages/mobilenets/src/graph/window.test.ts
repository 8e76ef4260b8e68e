import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphError } from "../errors.ts";
import { type Padding, symmetric, windowGeometry } from "./window.ts";

const geometry = (size: [number, number], kernel: number, stride: number, padding: Padding) =>
  windowGeometry(...size, { kernelSize: [kernel, kernel], strides: [stride, stride], padding });

test("same gives ceil(size / stride) outputs and puts the odd zero at the bottom and right", () => {
  // Expected values from TensorFlow's documented rule: total = max((out - 1) * stride + kernel - size, 0).
  const cases: [size: number, kernel: number, stride: number, out: number, before: number, after: number][] = [
    [224, 3, 2, 112, 0, 1],
    [225, 3, 2, 113, 1, 1],
    [7, 5, 2, 4, 2, 2],
    [8, 5, 2, 4, 1, 2],
    [5, 3, 1, 5, 1, 1],
    [5, 2, 1, 5, 0, 1],
    [6, 1, 2, 3, 0, 0],
    [1, 3, 2, 1, 1, 1],
  ];
  for (const [size, kernel, stride, out, before, after] of cases) {
    assert.deepEqual(
      geometry([size, size], kernel, stride, "same"),
      { outHeight: out, outWidth: out, pad: { top: before, bottom: after, left: before, right: after } },
      `${size} / ${stride}, kernel ${kernel}`,
    );
  }
});

test("height and width go by their own sizes, kernels and strides", () => {
  const attrs = { kernelSize: [3, 1], strides: [2, 3], padding: "same" } as const;
  assert.deepEqual(windowGeometry(8, 7, attrs), {
    outHeight: 4,
    outWidth: 3,
    pad: { top: 0, bottom: 1, left: 0, right: 0 },
  });
});

test("valid takes whole windows only", () => {
  assert.deepEqual(geometry([7, 6], 3, 2, "valid"), { outHeight: 3, outWidth: 2, pad: symmetric(0) });
});

test("explicit zeros count as part of the picture", () => {
  assert.deepEqual(geometry([224, 224], 3, 2, symmetric(1)), { outHeight: 112, outWidth: 112, pad: symmetric(1) });
  const pad = { top: 0, bottom: 1, left: 2, right: 0 };
  assert.deepEqual(geometry([6, 6], 3, 2, pad), { outHeight: 3, outWidth: 3, pad });
});

test("refuses a picture smaller than the window", () => {
  assert.throws(
    () => geometry([5, 2], 3, 1, "valid"),
    (error: unknown) =>
      error instanceof GraphError && /3x3 window over a picture of 5x2.*larger input/.test(error.message),
  );
});
