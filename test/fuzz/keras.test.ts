import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "./harness.ts";
import { target as keras } from "./targets/keras-archive.ts";
import { target as kerasConfig } from "./targets/keras-config.ts";
import { target as kerasH5 } from "./targets/keras-h5.ts";

for (const [format, target] of Object.entries({ "HDF5 files": kerasH5, archives: keras, configs: kerasConfig })) {
  test(`mutated Keras ${format} are read or refused, and soon`, async () => {
    const { read, refused } = await fuzz(await target(), 300, 2026);
    assert.ok(read > 5 && refused > 100, `${read} read, ${refused} refused`);
  });
}
