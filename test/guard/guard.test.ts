// Fails when a plan, a kernel or an output is no longer what was committed; see guard.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { supports } from "../../packages/mobilenets/src/kernels/modules.ts";
import { flavorsOf, networkNames } from "../../packages/mobilenets/src/models/networks.ts";
import { differences, readHashes, takeHashes } from "./guard.ts";

const ADVICE = "If that is meant, run `npm run guard -- --write` and say why in the commit's body.";

test("plans, kernels and outputs are what they were", async () => {
  const moved = differences(readHashes(), await takeHashes());
  assert.equal(moved.length, 0, `${moved.join("\n")}\n${ADVICE}`);
});

test("the committed file knows every network in every flavour", () => {
  const guard = readHashes();
  for (const name of networkNames) {
    for (const flavor of flavorsOf(name)) {
      assert.ok(guard["outputs, simd"][`${name} ${flavor}`], name);
      assert.ok(guard["outputs, relaxed"][`${name} ${flavor}`], name);
      for (const size of [224, 97]) {
        for (const threads of ["1 thread", "2 threads"]) {
          assert.ok(guard.plans[`${name} ${flavor} ${size} ${threads}`], name);
          assert.ok(guard.plans[`${name} ${flavor} ${size} ${threads} training`], name);
        }
      }
    }
    assert.ok(guard[supports("relaxed") ? "outputs, relaxed" : "outputs, simd"][`${name} training`], name);
  }
});

test("a hash that moved, appeared or went is named", () => {
  const before = { plans: { a: "1", b: "2" }, "outputs, simd": { "c training": "3", d: "4" } };
  const now = { plans: { a: "9", e: "5" }, "outputs, simd": { d: "4" } };
  assert.deepEqual(differences(before, now), [
    "plans: a: 1 before, 9 now",
    "plans: b: 2 before, not there now",
    "plans: e: not there before, 5 now",
  ]);
});
