import assert from "node:assert/strict";
import { test } from "node:test";
import { kernelNames, NO_BARRIER, STEP_BYTES, signatures } from "./signatures.ts";

test("a step record has room for the arguments of every kernel", () => {
  for (const [name, fields] of Object.entries(signatures)) {
    assert.ok(4 * (1 + Object.keys(fields).length) <= STEP_BYTES, name);
  }
  assert.equal(STEP_BYTES % 64, 0, "records begin on cache lines");
});

test("a kernel's number leaves the barrier's bit free", () => {
  assert.ok(kernelNames.length < NO_BARRIER);
  assert.equal(NO_BARRIER & (NO_BARRIER - 1), 0, "one bit");
});
