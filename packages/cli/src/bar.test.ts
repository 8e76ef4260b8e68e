import assert from "node:assert/strict";
import { test } from "node:test";
import { bar } from "./bar.ts";

test("a bar is as wide as its share, to an eighth of a cell", () => {
  assert.equal(bar(1, 4), "████");
  assert.equal(bar(0.5, 4), "██  ");
  assert.equal(bar(0.375, 4), "█▌  ");
  assert.equal(bar(0, 4), "    ");
  assert.equal(bar(0.999, 4), "████");
});

test("logits and NaN have none", () => {
  for (const value of [-3, 7.5, Number.NaN]) assert.equal(bar(value, 4), "    ");
});
