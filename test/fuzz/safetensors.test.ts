import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "./harness.ts";
import { target } from "./targets/safetensors.ts";

test("mutated safetensors files are read, or refused by a WeightsError", async () => {
  const { read, refused } = await fuzz(target(), 300, 3);
  assert.ok(read > 5 && refused > 150, `${read} read, ${refused} refused`);
});
