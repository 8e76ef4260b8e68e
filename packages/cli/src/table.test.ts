import assert from "node:assert/strict";
import { test } from "node:test";
import { grouped, table } from "./table.ts";

test("words align left, numbers right, under a rule", () => {
  const lines = table(
    [
      ["layer", "params"],
      ["conv1", "864"],
      ["a_long_name", "4,253,864"],
    ],
    "lr",
  );
  assert.deepEqual(lines, [
    "layer           params",
    "-----------  ---------",
    "conv1              864",
    "a_long_name  4,253,864",
  ]);
});

test("digits are grouped in the same way in every locale", () => {
  assert.equal(grouped(4253864), "4,253,864");
  assert.equal(grouped(12), "12");
});

test("a table has any number of rows", () => {
  const rows = Array.from({ length: 150_000 }, (_, i) => [`photo ${i}`, "1"]);
  assert.equal(table([["path", "row"], ...rows], "lr").length, rows.length + 2);
});
