import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "./harness.ts";
import { target as tfjs } from "./targets/tfjs.ts";
import { target as tflite } from "./targets/tflite.ts";

for (const [name, target] of Object.entries({ tflite, tfjs })) {
  test(`broken files of ${name} are read, or refused by a WeightsError`, async () => {
    const { read, refused } = await fuzz(await target(), 300, 5);
    // Both results occur: the readers neither refuse nor accept everything.
    assert.ok(read > 0 && refused > 150, `${read} read, ${refused} refused`);
  });
}
