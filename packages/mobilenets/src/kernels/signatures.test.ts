import assert from "node:assert/strict";
import { test } from "node:test";
import { CLAIM, DONE, KERNEL_BITS, STEP_BYTES, signatures } from "./signatures.ts";
import { trainingSignatures } from "./training/signatures.ts";

test("a step record has room for the arguments of every kernel", () => {
  for (const [name, fields] of Object.entries({ ...signatures, ...trainingSignatures })) {
    assert.ok(4 * (1 + Object.keys(fields).length) <= CLAIM, name);
  }
  assert.equal(STEP_BYTES % 64, 0, "records begin on cache lines");
});

test("a kernel's number fits into its bits, and what threads share has a line of its own", () => {
  assert.ok(Object.keys({ ...signatures, ...trainingSignatures }).length <= 1 << KERNEL_BITS);
  assert.equal(CLAIM % 64, 0);
  assert.ok(DONE + 4 <= STEP_BYTES);
});
