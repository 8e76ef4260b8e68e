import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "./harness.ts";
import * as pytorch from "./targets/pytorch.ts";
import * as legacy from "./targets/torch-legacy.ts";
import * as pickle from "./targets/torch-pickle.ts";
import * as safetensors from "./targets/torch-safetensors.ts";

for (const [name, { target }] of Object.entries({ pytorch, legacy, pickle, safetensors })) {
  test(`mutated files of PyTorch's are read, or refused by a WeightsError: ${name}`, async () => {
    const { read, refused } = await fuzz(target(), 400, 1);
    assert.ok(read > 0 && refused > 100, `${read} read, ${refused} refused`);
  });
}
