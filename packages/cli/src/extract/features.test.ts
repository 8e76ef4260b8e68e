import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError, tensor } from "mobilenets";
import { pooled } from "./features.ts";

test("a map is averaged over its pixels, picture by picture", () => {
  // Two pictures of 1x2 pixels with 3 channels.
  const maps = tensor([2, 1, 2, 3], [1, 2, 3, 3, 4, 7, 0, 0, 0, 1, 0, -1]);
  assert.deepEqual(
    pooled(maps, "layer").map((v) => [...v]),
    [
      [2, 3, 5],
      [0.5, 0, -0.5],
    ],
  );
});

test("a vector stays as it is", () => {
  assert.deepEqual(
    pooled(tensor([2, 2], [1, 2, 3, 4]), "layer").map((v) => [...v]),
    [
      [1, 2],
      [3, 4],
    ],
  );
});

test("other shapes are refused", () => {
  assert.throws(() => pooled(tensor([1, 2, 2]), "layer"), OptionError);
});
