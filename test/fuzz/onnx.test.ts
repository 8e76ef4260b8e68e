import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "./harness.ts";
import { target } from "./targets/onnx.ts";

test("damaged ONNX files are read or refused by a WeightsError, and soon", async (t) => {
  const { read, refused } = await fuzz(await target(), 300, 11);
  t.diagnostic(`${read} read, ${refused} refused`);
  assert.ok(read > 5 && refused > 150);
});
