import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "./harness.ts";
import { target as onnx } from "./targets/onnx.ts";
import { target as external } from "./targets/onnx-external.ts";

for (const [name, target] of Object.entries({ "in one": onnx, "in two": external })) {
  test(`damaged ONNX files, ${name}, are read or refused by a WeightsError, and soon`, async (t) => {
    const { read, refused } = await fuzz(await target(), 300, 11);
    t.diagnostic(`${read} read, ${refused} refused`);
    assert.ok(read > 5 && refused > 100);
  });
}
