import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../../errors.ts";
import { batchesPerEpoch, shuffled } from "./order.ts";

const sorted = (list: number[]) => [...list].sort((a, b) => a - b);

test("an order is a permutation that seed and epoch decide", () => {
  const indices = [5, 8, 1, 9, 30, 31, 32, 33];
  const order = shuffled(indices, 1, 2);
  assert.deepEqual(sorted(order), sorted(indices));
  assert.deepEqual(shuffled(indices, 1, 2), order);
  assert.notDeepEqual(shuffled(indices, 1, 3), order);
  assert.notDeepEqual(shuffled(indices, 2, 2), order);
  assert.notDeepEqual(shuffled(indices, 2, 1), order);
});

test("over the epochs every place gets every example equally often", () => {
  const counts = new Array<number>(16).fill(0);
  const epochs = 4000;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const [place, example] of shuffled([0, 1, 2, 3], 7, epoch).entries()) counts[place * 4 + example]!++;
  }
  for (const count of counts) {
    assert.ok(Math.abs(count - epochs / 4) < 5 * Math.sqrt((epochs * 3) / 16), `${counts}`);
  }
});

test("what does not fill a batch is dropped; a batch too large says which fits", () => {
  assert.equal(batchesPerEpoch(100, 32), 3);
  assert.equal(batchesPerEpoch(96, 32), 3);
  assert.throws(() => batchesPerEpoch(20, 32), {
    name: "OptionError",
    message: /20 examples.*a batch size of 20 fits/,
  });
  assert.throws(() => batchesPerEpoch(0, 32), OptionError);
  for (const size of [0, -1, 1.5]) assert.throws(() => batchesPerEpoch(20, size), OptionError);
});
