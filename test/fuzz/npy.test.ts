import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "./harness.ts";
import { target } from "./targets/npy.ts";

test("mutated NumPy files are read, whole and in blocks alike, or refused by a ReadError", async () => {
  const { read, refused } = await fuzz(target(), 500, 6);
  assert.ok(read > 10 && refused > 200, `${read} read, ${refused} refused`);
});
