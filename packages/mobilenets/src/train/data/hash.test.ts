import assert from "node:assert/strict";
import { test } from "node:test";
import { fnv1a, hashText, mixSeeds } from "./hash.ts";

test("fnv1a gives the published values", () => {
  // From the authors' test vectors.
  assert.equal(fnv1a(""), 0x811c9dc5);
  assert.equal(fnv1a("a"), 0xe40c292c);
  assert.equal(fnv1a("foobar"), 0xbf9cf968);
});

test("seeds and their order count, and small differences change half of the bits", () => {
  assert.notEqual(mixSeeds(1, 2), mixSeeds(2, 1));
  assert.notEqual(mixSeeds(1), mixSeeds(1, 0));
  assert.notEqual(hashText("a", 1), hashText("a", 2));
  let flipped = 0;
  const count = 1000;
  for (let i = 0; i < count; i++) {
    let bits = hashText(`cat/${i}.jpg`) ^ hashText(`cat/${i + 1}.jpg`);
    for (; bits !== 0; bits &= bits - 1) flipped++;
  }
  // 16 of 32 bits are expected, with a standard deviation of sqrt(8); the tolerance is 5 deviations of the mean.
  assert.ok(Math.abs(flipped / count - 16) < 5 * Math.sqrt(8 / count), `${flipped / count} bits`);
});
